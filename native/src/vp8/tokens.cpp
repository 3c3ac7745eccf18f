#include "vp8/tokens.hpp"

namespace xc::vp8 {

std::array<std::uint32_t, kTokenKinds> token_costs(std::array<Probability, 11> const& probabilities,
                                                   bool without_end) {
  std::array<std::uint32_t, kTokenKinds> costs{};
  for (std::uint32_t kind = 0; kind < kTokenKinds; ++kind) {
    walk_token(kind, without_end, [&](std::size_t node, bool bit) {
      costs[kind] += cost_of_bit(bit, probabilities[node]);
    });
  }
  return costs;
}

std::uint32_t extra_cost(std::uint32_t kind) {
  if (kind < kOne) return 0;
  int const bits = kind < kCategory1 ? 0 : kCategories[kind - kCategory1].bits;
  return 256U * static_cast<std::uint32_t>(1 + bits);
}

}  // namespace xc::vp8
