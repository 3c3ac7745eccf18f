#include "vp8/probability_search.hpp"

#include <algorithm>

namespace xc::vp8 {
namespace {

constexpr std::uint64_t kBit = 256;  // the unit of costs

// A new probability where it saves more than saying so costs. `update_probability` is that of the
// flag, whose value is `bits` long.
std::optional<Probability> worthwhile(BranchCount const& count, Probability before,
                                      Probability candidate, Probability update_probability,
                                      unsigned bits) {
  if (candidate == before) return std::nullopt;
  auto const now = count.cost(before) + cost_of_bit(false, update_probability);
  auto const then = count.cost(candidate) + cost_of_bit(true, update_probability) + bits * kBit;
  return then < now ? std::optional(candidate) : std::nullopt;
}

// §17.2: seven bits of the probability are sent, the lowest is zero; and 1 stands for 0.
Probability as_mv_probability(Probability probability) {
  auto const even = static_cast<Probability>(probability & ~1);
  return even == 0 ? Probability{1} : even;
}

// All probabilities of a tree at once, or none.
template <std::size_t size>
std::optional<std::array<Probability, size>> worthwhile_set(
    std::array<BranchCount, size> const& counts, std::array<Probability, size> const& before) {
  std::array<Probability, size> candidate{};
  std::uint64_t now = 0;
  std::uint64_t then = size * 8 * kBit;
  for (std::size_t i = 0; i < size; ++i) {
    candidate[i] = counts[i].best(before[i]);
    now += counts[i].cost(before[i]);
    then += counts[i].cost(candidate[i]);
  }
  return then < now ? std::optional(candidate) : std::nullopt;
}

}  // namespace

void choose_coefficient_updates(FrameHeader& header, CoefficientProbabilities const& before,
                                CoefficientCounts const& counts) {
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 8; ++j) {
      for (std::size_t k = 0; k < 3; ++k) {
        for (std::size_t t = 0; t < 11; ++t) {
          auto const& count = counts[i][j][k][t];
          auto const old = before[i][j][k][t];
          header.coefficient_updates[i][j][k][t] = worthwhile(
              count, old, count.best(old), kCoefficientUpdateProbabilities[i][j][k][t], 8);
        }
      }
    }
  }
}

void choose_mode_updates(FrameHeader& header, ProbabilityTables const& before,
                         ModeCounts const& counts) {
  if (header.segmentation.update_map) {
    for (std::size_t i = 0; i < 3; ++i) {
      header.segmentation.tree_probabilities[i] = counts.segment[i].best(255);
    }
  }
  if (header.key_frame) return;
  header.intra_probability = counts.inter.best(128);
  header.last_probability = counts.not_last.best(255);
  header.golden_probability = counts.altref.best(128);
  header.luma_mode_probabilities = worthwhile_set(counts.luma_mode, before.luma_mode);
  header.chroma_mode_probabilities = worthwhile_set(counts.chroma_mode, before.chroma_mode);
  for (std::size_t component = 0; component < 2; ++component) {
    for (std::size_t i = 0; i < 19; ++i) {
      auto const& count = counts.mv[component][i];
      auto const old = before.mv[component][i];
      header.mv_updates[component][i] = worthwhile(count, old, as_mv_probability(count.best(old)),
                                                   kMvUpdateProbabilities[component][i], 7);
    }
  }
}

void choose_skip_probability(FrameHeader& header, SkipFlags const& skips) {
  BranchCount count;
  count.one = static_cast<std::uint32_t>(std::count(skips.begin(), skips.end(), 1));
  count.zero = static_cast<std::uint32_t>(skips.size()) - count.one;
  header.skip_probability =
      count.one == 0 ? std::nullopt : std::optional(count.best(Probability{255}));
}

}  // namespace xc::vp8
