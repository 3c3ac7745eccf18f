#include "vp8/level_choice.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "media/seeded_random.hpp"

namespace xc::vp8 {
namespace {

using testing::Random;
using Block = LevelChoice::Block;

constexpr int kStep = 40;
constexpr int kBitWorth = 100;

BlockQuantizer quantizer_of(int step) {
  BlockQuantizer quantizer;
  quantizer.step.fill(static_cast<std::int16_t>(step));
  quantizer.reciprocal.fill(static_cast<std::uint16_t>((65536 + step - 1) / step));
  quantizer.rounding.fill(static_cast<std::uint16_t>(step * 40 / 128));
  return quantizer;
}

// A block of small coefficients, and what it is quantised to.
struct Case {
  Block original{};
  Block levels{};
  Block block{};
  int end = 0;

  explicit Case(Random& random) {
    for (std::size_t i = 0; i < 6; ++i)
      original[kZigzag[i]] = random.between<std::int16_t>(-2 * kStep, 2 * kStep);
    block = original;
    end = kernels_for(InstructionSet::kScalar)
              .quantise(block.data(), quantizer_of(kStep), levels.data());
  }
};

// What levels cost in all, from their definition: 256ths of a bit, and errors as bits.
double cost_of(Block const& original, Block const& levels, BlockType type, std::size_t context,
               double bit_worth) {
  auto const& probabilities = kDefaultCoefficientProbabilities[static_cast<std::size_t>(type)];
  std::size_t const first = type == BlockType::kLumaAfterY2 ? 1 : 0;
  std::size_t end = 16;
  while (end > first && levels[end - 1] == 0)
    --end;
  double bits = 0;
  bool after_zero = false;
  for (std::size_t i = first; i <= end && i < 16; ++i) {
    auto const costs = token_costs(probabilities[kCoefficientBands[i]][context], after_zero);
    if (i == end) {
      bits += costs[kEndOfBlock];
      break;
    }
    int const magnitude = std::abs(levels[i]);
    bits += costs[token_kind(magnitude)] + extra_cost(token_kind(magnitude));
    context = static_cast<std::size_t>(std::min(magnitude, 2));
    after_zero = magnitude == 0;
  }
  double errors = 0;
  for (std::size_t i = first; i < 16; ++i) {
    double const error = original[kZigzag[i]] - levels[i] * kStep;
    errors += error * error;
  }
  double const scale = type == BlockType::kSecondOrder ? 0.25 : 1;
  return bits + errors * scale * 256 * 1024 / (bit_worth * kStep * kStep);
}

// The least cost of all blocks whose levels are as given, one lower, or zero.
double least_cost(Case const& given, Block levels, std::size_t from, BlockType type,
                  std::size_t context) {
  if (from == 6) return cost_of(given.original, levels, type, context, kBitWorth);
  int const level = given.levels[from];
  double least = std::numeric_limits<double>::max();
  for (int const less : {0, 1, std::abs(level)}) {
    if (less > std::abs(level)) continue;
    levels[from] = static_cast<std::int16_t>(level < 0 ? level + less : level - less);
    least = std::min(least, least_cost(given, levels, from + 1, type, context));
  }
  return least;
}

TEST(LevelChoice, finds_the_least_cost_of_all_choices) {
  XC_TRACE_SEED();
  Random random;
  LevelChoice const choice(kDefaultCoefficientProbabilities, kStep, kBitWorth);
  auto const quantizer = quantizer_of(kStep);
  std::vector<BlockType> const types{BlockType::kLumaAfterY2, BlockType::kSecondOrder,
                                     BlockType::kChroma, BlockType::kLuma};
  for (int i = 0; i < 400; ++i) {
    Case given(random);
    auto const type = types[static_cast<std::size_t>(i) % types.size()];
    auto const context = random.between<std::size_t>(0, 2);
    if (type == BlockType::kLumaAfterY2) given.original[0] = given.levels[0] = given.block[0] = 0;
    if (given.end < 2) continue;
    auto levels = given.levels;
    auto block = given.block;
    choice.lower(given.original, quantizer, type, context, given.end, levels, block);
    auto const least = least_cost(given, given.levels, 0, type, context);
    EXPECT_NEAR(cost_of(given.original, levels, type, context, kBitWorth), least, 16 + least / 1000)
        << "block " << i;
  }
}

// What a block costs that has neither levels nor tokens.
double cost_of_errors(Block const& original, BlockType type, std::size_t context) {
  auto const bits =
      token_costs(kDefaultCoefficientProbabilities[static_cast<std::size_t>(
                      type)][kCoefficientBands[type == BlockType::kLumaAfterY2 ? 1 : 0]][context],
                  false)[kEndOfBlock];
  return cost_of(original, {}, type, context, kBitWorth) - bits;
}

TEST(LevelChoice, tells_what_levels_gain_against_errors_alone) {
  XC_TRACE_SEED();
  Random random;
  LevelChoice const choice(kDefaultCoefficientProbabilities, kStep, kBitWorth);
  for (int i = 0; i < 400; ++i) {
    Case given(random);
    auto const type = i % 2 == 0 ? BlockType::kChroma : BlockType::kSecondOrder;
    auto const context = random.between<std::size_t>(0, 2);
    auto const gain = given.end == 0 ? choice.nothing(type, context).gain
                                     : choice
                                           .lower(given.original, quantizer_of(kStep), type,
                                                  context, given.end, given.levels, given.block)
                                           .gain;
    auto const errors = cost_of_errors(given.original, type, context);
    auto const chosen = cost_of(given.original, given.levels, type, context, kBitWorth);
    EXPECT_NEAR(static_cast<double>(gain), errors - chosen, 16 + errors / 1000) << "block " << i;
  }
}

TEST(LevelChoice, keeps_block_and_end_in_step_with_the_levels) {
  XC_TRACE_SEED();
  Random random;
  LevelChoice const choice(kDefaultCoefficientProbabilities, kStep, 4 * kBitWorth);
  auto const quantizer = quantizer_of(kStep);
  bool any_lowered = false;
  for (int i = 0; i < 400; ++i) {
    Case given(random);
    if (given.end == 0) continue;
    auto levels = given.levels;
    auto const end =
        choice.lower(given.original, quantizer, BlockType::kLuma, 1, given.end, levels, given.block)
            .end;
    any_lowered = any_lowered || levels != given.levels;
    ASSERT_TRUE(end == 0 || levels[static_cast<std::size_t>(end) - 1] != 0);
    for (std::size_t k = 0; k < 16; ++k) {
      ASSERT_EQ(given.block[kZigzag[k]], levels[k] * kStep);
      ASSERT_TRUE(levels[k] == 0 || k < static_cast<std::size_t>(end));
    }
  }
  EXPECT_TRUE(any_lowered);
}

TEST(LevelChoice, lowers_nothing_where_a_bit_is_worth_next_to_nothing) {
  XC_TRACE_SEED();
  Random random;
  LevelChoice const choice(kDefaultCoefficientProbabilities, kStep, 0);
  for (int i = 0; i < 200; ++i) {
    Case given(random);
    if (given.end == 0) continue;
    auto levels = given.levels;
    choice.lower(given.original, quantizer_of(kStep), BlockType::kLuma, 0, given.end, levels,
                 given.block);
    ASSERT_EQ(levels, given.levels);
  }
}

TEST(LevelChoice, keeps_more_where_errors_are_more_visible) {
  XC_TRACE_SEED();
  Random random;
  auto const quantizer = quantizer_of(kStep);
  LevelChoice choice(kDefaultCoefficientProbabilities, kStep, 2 * kBitWorth);
  auto const kept_at = [&](std::uint32_t visibility, std::vector<Case> cases) {
    choice.look_at(visibility);
    int kept = 0;
    for (auto& given : cases) {
      if (given.end == 0) continue;
      kept += choice
                  .lower(given.original, quantizer, BlockType::kLuma, 0, given.end, given.levels,
                         given.block)
                  .end;
    }
    return kept;
  };
  std::vector<Case> cases;
  cases.reserve(200);
  for (int i = 0; i < 200; ++i)
    cases.emplace_back(random);
  EXPECT_GT(kept_at(1024, cases), kept_at(256, cases));
  EXPECT_GT(kept_at(256, cases), kept_at(64, cases));
}

}  // namespace
}  // namespace xc::vp8
