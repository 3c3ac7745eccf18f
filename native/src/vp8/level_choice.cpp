#include "vp8/level_choice.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "vp8/tokens.hpp"

namespace xc::vp8 {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max() / 4;
// By how much a level is lowered, or what else is done in a place.
constexpr std::uint8_t kToZero = 2;
constexpr std::uint8_t kEnd = 3;

// [place][variant of the costs there]
using Choices = std::array<std::array<std::uint8_t, 4>, 16>;

// What an error costs, in 256ths of a bit.
std::int64_t worth(std::int64_t error, std::int64_t weight) {
  return error * error * weight >> 16;
}

std::size_t first_of(BlockType type) {
  return type == BlockType::kLumaAfterY2 ? 1 : 0;
}

// Follows the choices from the first place on. Returns the position behind the last level.
int carry_out(Choices const& choices, std::size_t variant, std::size_t first, std::size_t last,
              BlockQuantizer const& quantizer, LevelChoice::Block& levels,
              LevelChoice::Block& block) {
  int end = 0;
  std::size_t i = first;
  for (; i < last && choices[i][variant] != kEnd; ++i) {
    auto const less = choices[i][variant];
    int const level = levels[i];
    int const magnitude = less == kToZero ? 0 : std::abs(level) - less;
    if (less != 0) {
      levels[i] = static_cast<std::int16_t>(level < 0 ? -magnitude : magnitude);
      block[kZigzag[i]] = static_cast<std::int16_t>(levels[i] * quantizer.step[kZigzag[i]]);
    }
    variant = static_cast<std::size_t>(std::min(magnitude, 2));
    if (magnitude != 0) end = static_cast<int>(i) + 1;
  }
  for (; i < last; ++i)
    levels[i] = block[kZigzag[i]] = 0;
  return end;
}

}  // namespace

// What can be done with one level, and what that costs with all that is behind it, but for the
// token in this place.
struct LevelChoice::Options {
  std::int64_t error_of_zero;
  std::int64_t zero;
  std::array<std::int64_t, 2> kept{kNever, kNever};  // lowered by so much
  std::array<std::uint32_t, 2> kinds{};

  Options(int value, int level, int step, std::int64_t weight, Rest const& rest)
      : error_of_zero(worth(value, weight)), zero(error_of_zero + rest[kAfterZero]) {
    for (int less = 0; less < 2 && less < level; ++less) {
      auto const index = static_cast<std::size_t>(less);
      int const magnitude = level - less;
      kinds[index] = token_kind(magnitude);
      kept[index] = worth(value - std::int64_t{magnitude} * step, weight) +
                    extra_cost(kinds[index]) + rest[magnitude == 1 ? 1 : 2];
    }
  }

  // The least cost, by these costs of tokens, and how it is had. `ended`: with the block's end
  // here.
  std::int64_t least(Costs const& cost, std::int64_t ended, std::uint8_t& chosen) const {
    std::int64_t best = cost[kZero] + zero;
    chosen = kToZero;
    if (ended <= best) {
      best = ended;
      chosen = kEnd;
    }
    for (std::uint8_t less = 0; less < 2; ++less) {
      std::int64_t const total = kept[less] + cost[kinds[less]];
      if (total < best) {
        best = total;
        chosen = less;
      }
    }
    return best;
  }
};

// After the last level there is an end, but behind the sixteenth place, where that is known.
LevelChoice::Rest LevelChoice::behind(CostsOfType const& costs, int end) {
  Rest rest{kNever, 0, 0, 0};
  if (end < 16) {
    auto const band = kCoefficientBands[static_cast<std::size_t>(end)];
    rest[1] = costs[band][1][kEndOfBlock];
    rest[2] = costs[band][2][kEndOfBlock];
  }
  return rest;
}

LevelChoice::LevelChoice(CoefficientProbabilities const& probabilities, int step, int bit_worth) {
  for (std::size_t type = 0; type < 4; ++type) {
    for (std::size_t band = 0; band < 8; ++band) {
      for (std::size_t variant = 0; variant < kVariants; ++variant) {
        std::size_t const context = variant == kFirstOfBlock ? 0 : variant;
        costs_[type][band][variant] =
            token_costs(probabilities[type][band][context], variant == kAfterZero);
      }
    }
  }
  // Coefficients are twice as large as those of an orthonormal transform; of the second order, four
  // times.
  std::int64_t const weight =
      (std::int64_t{1} << (16 + 8 + 10)) / (std::int64_t{step} * step * std::max(1, bit_worth));
  usual_weights_.fill(weight);
  usual_weights_[static_cast<std::size_t>(BlockType::kSecondOrder)] = weight / 4;
  weights_ = usual_weights_;
}

void LevelChoice::look_at(std::uint32_t visibility) {
  for (std::size_t type = 0; type < 4; ++type)
    weights_[type] = usual_weights_[type] * visibility / 256;
}

LevelChoice::Chosen LevelChoice::nothing(BlockType type, std::size_t context) const {
  auto const band = kCoefficientBands[first_of(type)];
  return {0,
          -std::int64_t{
              costs_[static_cast<std::size_t>(type)][band][first_variant(context)][kEndOfBlock]}};
}

LevelChoice::Chosen LevelChoice::lower(Block const& original, BlockQuantizer const& quantizer,
                                       BlockType type, std::size_t context, int end, Block& levels,
                                       Block& block) const {
  auto const& costs = costs_[static_cast<std::size_t>(type)];
  std::int64_t const weight = weights_[static_cast<std::size_t>(type)];
  std::size_t const first = first_of(type);
  std::size_t const there = first_variant(context);

  Rest rest = behind(costs, end);
  std::int64_t all_zero = 0;
  Choices choices;
  auto const last = static_cast<std::size_t>(end);
  for (std::size_t i = last; i-- > first;) {
    std::size_t const at = kZigzag[i];
    Options const options(std::abs(original[at]), std::abs(levels[i]), quantizer.step[at], weight,
                          rest);
    all_zero += options.error_of_zero;
    Rest here{};
    std::size_t const from = i == first ? there : 0;
    std::size_t const to = i == first ? there : 2;
    for (std::size_t variant = from; variant <= to; ++variant) {
      auto const& cost = costs[kCoefficientBands[i]][variant];
      auto const ended = variant == kAfterZero ? kNever : cost[kEndOfBlock] + all_zero;
      here[variant] = options.least(cost, ended, choices[i][variant]);
    }
    rest = here;
  }

  int const new_end = carry_out(choices, there, first, last, quantizer, levels, block);
  return {new_end, all_zero - rest[there]};
}

}  // namespace xc::vp8
