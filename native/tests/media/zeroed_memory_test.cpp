#include "media/zeroed_memory.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include <gtest/gtest.h>

namespace xc {
namespace {

#ifdef XC_SANITIZERS_MALLOC

TEST(ZeroedMemory, is_zero_and_so_is_what_lies_behind_it) {
  GTEST_SKIP() << "the sanitizer brings its own malloc";
}

#else

constexpr std::size_t kSize = 1000;

// Blocks of this size that hold something, given back.
void leave_something_behind() {
  std::vector<unsigned char*> blocks;
  for (int i = 0; i < 32; ++i) {
    blocks.push_back(static_cast<unsigned char*>(std::malloc(kSize + 64)));
    std::fill_n(blocks.back(), kSize + 64, static_cast<unsigned char>(0xAB));
  }
  for (auto* const block : blocks)
    std::free(block);
}

TEST(ZeroedMemory, is_zero_and_so_is_what_lies_behind_it) {
  leave_something_behind();
  ZeroedMemory const zeroed;
  for (int i = 0; i < 32; ++i) {
    auto* const block = static_cast<unsigned char*>(std::malloc(kSize));
    ASSERT_NE(block, nullptr);
    ASSERT_GE(malloc_usable_size(block), kSize + 64);
    EXPECT_TRUE(std::all_of(block, block + kSize + 64, [](auto byte) { return byte == 0; })) << i;
    // The next one may be this one again.
    std::fill_n(block, kSize, static_cast<unsigned char>(i));
    std::free(block);
  }
}

#endif

}  // namespace
}  // namespace xc
