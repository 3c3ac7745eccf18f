#include "vp8/kernels.hpp"

#include <atomic>
#include <cstdlib>
#include <optional>
#include <string>

#include "media/error.hpp"
#include "vp8/kernels/tables.hpp"

namespace xc::vp8 {
namespace {

InstructionSet best_set() {
  for (auto set : {InstructionSet::kAvx2, InstructionSet::kSse41}) {
    if (machine_has(set)) return set;
  }
  return InstructionSet::kScalar;
}

InstructionSet set_by_name(std::string_view name) {
  std::optional<InstructionSet> set;
  if (name == "none") set = InstructionSet::kScalar;
  if (name == "sse41") set = InstructionSet::kSse41;
  if (name == "avx2") set = InstructionSet::kAvx2;
  if (!set) {
    throw UsageError("instruction set '" + std::string(name) + "' is not none, sse41 or avx2");
  }
  if (!machine_has(*set)) {
    throw UsageError("this machine does not have instruction set " + std::string(name));
  }
  return *set;
}

InstructionSet initial_set() {
  auto const* name = std::getenv("XC_SIMD");
  return name != nullptr && *name != '\0' ? set_by_name(name) : best_set();
}

std::atomic<Kernels const*>& selected() {
  static std::atomic<Kernels const*> table{&kernels_for(initial_set())};
  return table;
}

}  // namespace

Kernels const& kernels_for(InstructionSet set) {
  switch (set) {
#if defined(__x86_64__)
    case InstructionSet::kAvx2:
      return avx2_kernels();
    case InstructionSet::kSse41:
      return sse41_kernels();
#endif
    default:
      return scalar_kernels();
  }
}

bool machine_has(InstructionSet set) {
#if defined(__x86_64__)
  if (set == InstructionSet::kSse41) return __builtin_cpu_supports("sse4.1") != 0;
  if (set == InstructionSet::kAvx2) return __builtin_cpu_supports("avx2") != 0;
#endif
  return set == InstructionSet::kScalar;
}

Kernels const& kernels() {
  return *selected().load(std::memory_order_relaxed);
}

void select_kernels(std::string_view name) {
  selected().store(&kernels_for(set_by_name(name)), std::memory_order_relaxed);
}

}  // namespace xc::vp8
