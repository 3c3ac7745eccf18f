#include "vp8/kernels.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <string>

#include "media/error.hpp"
#include "vp8/kernels/tables.hpp"

namespace xc::vp8 {
namespace {

constexpr std::array kNames{"none", "sse41", "avx2", "neon"};

std::vector<InstructionSet> find_instruction_sets() {
  std::vector<InstructionSet> found{InstructionSet::kScalar};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.1") != 0) found.push_back(InstructionSet::kSse41);
  if (__builtin_cpu_supports("avx2") != 0) found.push_back(InstructionSet::kAvx2);
#elif defined(__aarch64__)
  found.push_back(InstructionSet::kNeon);
#endif
  return found;
}

InstructionSet set_by_name(std::string_view name) {
  auto const known = std::find(kNames.begin(), kNames.end(), name);
  if (known == kNames.end()) {
    throw UsageError("instruction set '" + std::string(name) +
                     "' is not none, sse41, avx2 or neon");
  }
  auto const set = static_cast<InstructionSet>(known - kNames.begin());
  auto const& there = instruction_sets();
  if (std::find(there.begin(), there.end(), set) == there.end()) {
    throw UsageError("this machine does not have instruction set " + std::string(name));
  }
  return set;
}

InstructionSet initial_set() {
  auto const* name = std::getenv("XC_SIMD");
  return name != nullptr && *name != '\0' ? set_by_name(name) : instruction_sets().back();
}

std::atomic<Kernels const*>& selected() {
  static std::atomic<Kernels const*> table{&kernels_for(initial_set())};
  return table;
}

}  // namespace

std::string_view name_of(InstructionSet set) {
  return kNames[static_cast<std::size_t>(set)];
}

std::vector<InstructionSet> const& instruction_sets() {
  static std::vector<InstructionSet> const sets = find_instruction_sets();
  return sets;
}

Kernels const& kernels_for(InstructionSet set) {
  switch (set) {
#if defined(__x86_64__)
    case InstructionSet::kAvx2:
      return avx2_kernels();
    case InstructionSet::kSse41:
      return sse41_kernels();
#elif defined(__aarch64__)
    case InstructionSet::kNeon:
      return neon_kernels();
#endif
    default:
      return scalar_kernels();
  }
}

Kernels const& kernels() {
  return *selected().load(std::memory_order_relaxed);
}

void select_kernels(std::string_view name) {
  selected().store(&kernels_for(set_by_name(name)), std::memory_order_relaxed);
}

}  // namespace xc::vp8
