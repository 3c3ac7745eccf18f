#include "vp8/mv_context.hpp"

#include <algorithm>
#include <utility>

namespace xc::vp8 {
namespace {

constexpr int kMacroblock = 16 * 4;  // in quarter samples

MotionVector biased(MacroblockHeader const& neighbour, ReferenceFrame reference,
                    SignBias const& sign_bias) {
  bool const opposite = sign_bias[static_cast<std::size_t>(neighbour.reference)] !=
                        sign_bias[static_cast<std::size_t>(reference)];
  return opposite ? -neighbour.mv : neighbour.mv;
}

// Collects the distinct vectors of the neighbours with their weights. Index 0 stands for zero.
struct Candidates {
  std::array<MotionVector, 4> mvs{};
  std::array<std::uint8_t, 4> weights{};
  std::size_t last = 0;

  void add(MacroblockHeader const& neighbour, std::uint8_t weight, ReferenceFrame reference,
           SignBias const& sign_bias) {
    if (!neighbour.is_inter()) return;
    if (neighbour.mv.is_zero()) {
      weights[0] = static_cast<std::uint8_t>(weights[0] + weight);
      return;
    }
    auto const mv = biased(neighbour, reference, sign_bias);
    if (last == 0 || mv != mvs[last]) mvs[++last] = mv;
    weights[last] = static_cast<std::uint8_t>(weights[last] + weight);
  }
};

std::uint8_t split_weight(MacroblockHeader const& neighbour, int weight) {
  return static_cast<std::uint8_t>(neighbour.mode == MacroblockMode::kSplit ? weight : 0);
}

}  // namespace

MvBounds MvBounds::of_macroblock(int row, int column, int rows, int columns) {
  return {-(row + 1) * kMacroblock, (rows - row) * kMacroblock, -(column + 1) * kMacroblock,
          (columns - column) * kMacroblock};
}

MotionVector MvBounds::clamp(MotionVector mv) const {
  return {static_cast<std::int16_t>(std::clamp<int>(mv.row, top, bottom)),
          static_cast<std::int16_t>(std::clamp<int>(mv.column, left, right))};
}

MvContext MvContext::of(MacroblockHeader const* header, std::ptrdiff_t grid_stride,
                        SignBias const& sign_bias, MvBounds const& bounds) {
  auto const& above = header[-grid_stride];
  auto const& left = header[-1];
  auto const& above_left = header[-grid_stride - 1];
  Candidates found;
  found.add(above, 2, header->reference, sign_bias);
  found.add(left, 2, header->reference, sign_bias);
  found.add(above_left, 1, header->reference, sign_bias);

  auto& [mvs, weights, last] = found;
  // Three distinct vectors were found, or the third is the first again.
  if (weights[3] != 0 && mvs[last] == mvs[1]) ++weights[1];
  weights[3] = static_cast<std::uint8_t>(split_weight(above, 2) + split_weight(left, 2) +
                                         split_weight(above_left, 1));
  if (weights[2] > weights[1]) {
    std::swap(weights[1], weights[2]);
    std::swap(mvs[1], mvs[2]);
  }
  auto const best = weights[1] >= weights[0] ? mvs[1] : mvs[0];
  MvContext context{bounds.clamp(mvs[1]), bounds.clamp(mvs[2]), bounds.clamp(best), {}};
  for (std::size_t i = 0; i < 4; ++i) {
    context.mode_probabilities[i] = kModeContexts[weights[i]][i];
  }
  return context;
}

SubMvNeighbours SubMvNeighbours::of(MacroblockHeader const* header, std::ptrdiff_t grid_stride,
                                    std::size_t block) {
  return {
      (block & 3) != 0 ? header->subblock_mvs[block - 1] : subblock_mv(header[-1], block + 3),
      block >= 4 ? header->subblock_mvs[block - 4] : subblock_mv(header[-grid_stride], block + 12)};
}

std::array<Probability, 3> const& SubMvNeighbours::probabilities() const {
  if (left == above) return kSubMvReferenceProbabilities[above.is_zero() ? 4 : 3];
  if (above.is_zero()) return kSubMvReferenceProbabilities[2];
  return kSubMvReferenceProbabilities[left.is_zero() ? 1 : 0];
}

}  // namespace xc::vp8
