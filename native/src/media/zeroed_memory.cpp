#include "media/zeroed_memory.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef XC_SANITIZERS_MALLOC

namespace xc {

ZeroedMemory::ZeroedMemory() = default;
ZeroedMemory::~ZeroedMemory() = default;

}  // namespace xc

#else

#ifndef __GLIBC__
#error "to take malloc's place, another libc's own must be known by name"
#endif

// glibc's own, which the rest of its family (free, realloc) goes with.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" void* __libc_malloc(std::size_t size);

namespace xc {
namespace {

constexpr std::size_t kBehind = 64;
// How many there are in this thread.
constinit thread_local int alive = 0;

}  // namespace

ZeroedMemory::ZeroedMemory() {
  ++alive;
}

ZeroedMemory::~ZeroedMemory() {
  --alive;
}

}  // namespace xc

// In the place of glibc's for the whole program, shared libraries as well.
extern "C" void* malloc(std::size_t size) {
  if (xc::alive == 0 || size > SIZE_MAX - xc::kBehind) return __libc_malloc(size);
  void* const memory = __libc_malloc(size + xc::kBehind);
  if (memory != nullptr) std::memset(memory, 0, size + xc::kBehind);
  return memory;
}

#endif
