#include "vp8/intra_mode_choice.hpp"

#include <cstdlib>
#include <limits>

#include "vp8/bit_cost.hpp"
#include "vp8/intra_prediction.hpp"
#include "vp8/mode_reader.hpp"

namespace xc::vp8 {
namespace {

constexpr std::array kWholeModes{MacroblockMode::kDc, MacroblockMode::kVertical,
                                 MacroblockMode::kHorizontal, MacroblockMode::kTrueMotion};
constexpr std::size_t kSubblockModes = 10;

// −1 if the value is not below `index`.
template <std::size_t size>
std::int64_t cost_below(std::array<std::int8_t, size> const& tree, Probability const* probabilities,
                        int value, std::size_t index = 0) {
  for (std::size_t bit = 0; bit < 2; ++bit) {
    auto const here = static_cast<std::int64_t>(cost_of_bit(bit != 0, probabilities[index / 2]));
    int const entry = tree[index + bit];
    if (entry <= 0 && -entry == value) return here;
    if (entry <= 0) continue;
    auto const rest = cost_below(tree, probabilities, value, static_cast<std::size_t>(entry));
    if (rest >= 0) return here + rest;
  }
  return -1;
}

template <typename Value, std::size_t size>
std::uint32_t cost_of(std::array<std::int8_t, size> const& tree, Probability const* probabilities,
                      Value value) {
  return static_cast<std::uint32_t>(cost_below(tree, probabilities, static_cast<int>(value)));
}

}  // namespace

IntraModeChoice::IntraModeChoice(FrameBuffer const& source, FrameBuffer& picture, int luma_step)
    : source_(source), picture_(picture), step_(static_cast<std::uint32_t>(luma_step)) {}

// A bit is worth a fifth of a step.
std::uint32_t IntraModeChoice::worth(std::uint32_t bits) const {
  return bits * step_ / (5 * 256);
}

std::uint32_t IntraModeChoice::difference(std::size_t plane, int y, int x, int size) const {
  auto const source = source_.plane(plane);
  auto const& picture = picture_.plane(plane);
  std::uint32_t sum = 0;
  for (int row = y; row < y + size; ++row) {
    auto const* a = source.row(row) + x;
    auto const* b = picture.row(row) + x;
    for (int i = 0; i < size; ++i)
      sum += static_cast<std::uint32_t>(std::abs(a[i] - b[i]));
  }
  return sum;
}

IntraModeChoice::Choice IntraModeChoice::best_whole(std::size_t plane, int row, int column) const {
  int const size = plane == 0 ? 16 : 8;
  Choice best{MacroblockMode::kDc, std::numeric_limits<std::uint32_t>::max()};
  for (auto const mode : kWholeModes) {
    std::uint32_t cost =
        plane == 0
            ? worth(cost_of(trees::kKeyFrameLumaMode, kKeyFrameLumaModeProbabilities.data(), mode))
            : worth(cost_of(trees::kChromaMode, kKeyFrameChromaModeProbabilities.data(), mode));
    for (std::size_t p = plane; p < (plane == 0 ? 1U : 3U); ++p) {
      auto const& samples = picture_.plane(p);
      predict_intra(samples.row(row * size) + column * size, samples.stride, size, mode, row > 0,
                    column > 0);
      cost += difference(p, row * size, column * size, size);
    }
    if (cost < best.cost) best = {mode, cost};
  }
  return best;
}

std::uint32_t IntraModeChoice::choose_subblocks(MacroblockHeader& mb, std::ptrdiff_t grid_stride,
                                                int row, int column, Reconstruction& reconstruction,
                                                ResidueCoder const& coder, MacroblockLevels& levels,
                                                MacroblockCoefficients& coefficients) const {
  std::uint32_t total = worth(cost_of(
      trees::kKeyFrameLumaMode, kKeyFrameLumaModeProbabilities.data(), MacroblockMode::kSubblocks));
  for (std::size_t block = 0; block < 16; ++block) {
    int const y = 16 * row + 4 * static_cast<int>(block >> 2);
    int const x = 16 * column + 4 * static_cast<int>(block & 3);
    auto const context = SubblockModeContext::of(&mb, grid_stride, block);
    auto best_mode = SubblockMode::kDc;
    auto best_cost = std::numeric_limits<std::uint32_t>::max();
    for (std::size_t i = 0; i < kSubblockModes; ++i) {
      auto const mode = static_cast<SubblockMode>(i);
      mb.subblock_modes[block] = mode;
      reconstruction.predict_block(mb, row, column, block);
      auto const cost = difference(0, y, x, 4) +
                        worth(cost_of(trees::kSubblockMode, context.probabilities(), mode));
      if (cost < best_cost) {
        best_cost = cost;
        best_mode = mode;
      }
    }
    total += best_cost;
    // The next subblocks are predicted from this one as the decoder will have it.
    mb.subblock_modes[block] = best_mode;
    reconstruction.predict_block(mb, row, column, block);
    coder.round_block(picture_, mb.segment, row, column, block, levels, coefficients);
    reconstruction.add_block(coefficients, row, column, block);
  }
  return total;
}

void IntraModeChoice::choose(MacroblockHeader& mb, std::ptrdiff_t grid_stride, int row, int column,
                             Reconstruction& reconstruction, ResidueCoder const& coder,
                             MacroblockLevels& levels, MacroblockCoefficients& coefficients) {
  auto const segment = mb.segment;
  mb = {};
  mb.segment = segment;
  auto const whole = best_whole(0, row, column);
  auto const subblocks =
      choose_subblocks(mb, grid_stride, row, column, reconstruction, coder, levels, coefficients);
  if (whole.cost <= subblocks) {
    mb.mode = whole.mode;
    mb.subblock_modes.fill(implied_subblock_mode(mb.mode));
  } else {
    mb.mode = MacroblockMode::kSubblocks;
  }
  mb.chroma_mode = best_whole(1, row, column).mode;
}

}  // namespace xc::vp8
