#include <cstdlib>

#include <gtest/gtest.h>

#include "media/seeded_random.hpp"
#include "vp8/kernels.hpp"

namespace xc::vp8 {
namespace {

using testing::Random;

TEST(Transforms, the_inverse_dct_undoes_the_forward_one_but_for_rounding) {
  XC_TRACE_SEED();
  Random random;
  auto const& kernels = kernels_for(InstructionSet::kScalar);
  for (int i = 0; i < 2000; ++i) {
    auto const source = random.bytes(16);
    auto const prediction = random.bytes(16);
    std::int16_t block[16];
    kernels.residue_dct(source.data(), 4, prediction.data(), 4, block);
    auto rebuilt = prediction;
    kernels.inverse_dct_add(block, rebuilt.data(), 4);
    for (std::size_t k = 0; k < 16; ++k) {
      ASSERT_LE(std::abs(rebuilt[k] - source[k]), 2) << "sample " << k << " of block " << i;
    }
  }
}

TEST(Transforms, the_inverse_wht_undoes_the_forward_one_but_for_rounding) {
  XC_TRACE_SEED();
  Random random;
  auto const& kernels = kernels_for(InstructionSet::kScalar);
  for (int i = 0; i < 2000; ++i) {
    std::int16_t blocks[256] = {};
    std::int16_t first[16];
    for (int k = 0; k < 16; ++k) {
      first[k] = blocks[16 * k] = random.between<std::int16_t>(-2040, 2040);
    }
    std::int16_t y2[16];
    kernels.forward_wht(blocks, y2);
    for (int k = 0; k < 16; ++k)
      ASSERT_EQ(blocks[16 * k], 0);
    kernels.inverse_wht(y2, blocks);
    for (int k = 0; k < 16; ++k)
      ASSERT_LE(std::abs(blocks[16 * k] - first[k]), 2);
  }
}

TEST(Transforms, a_constant_residue_has_one_coefficient) {
  auto const& kernels = kernels_for(InstructionSet::kScalar);
  std::vector<std::uint8_t> const source(16, 110);
  std::vector<std::uint8_t> const prediction(16, 100);
  std::int16_t block[16];
  kernels.residue_dct(source.data(), 4, prediction.data(), 4, block);
  EXPECT_EQ(block[0], 80);
  for (int i = 1; i < 16; ++i)
    EXPECT_EQ(block[i], 0);
}

}  // namespace
}  // namespace xc::vp8
