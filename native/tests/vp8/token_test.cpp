#include <gtest/gtest.h>

#include "media/seeded_random.hpp"
#include "vp8/token_list.hpp"
#include "vp8/token_reader.hpp"

namespace xc::vp8 {
namespace {

using testing::Random;

constexpr QuantizerFactors kNoScale{{1, 1}, {1, 1}, {1, 1}};

std::int16_t random_level(Random& random) {
  int const range = random.chance(0.5)   ? 0
                    : random.chance(0.5) ? 2
                    : random.chance(0.5) ? 70
                                         : kLargest;
  return static_cast<std::int16_t>(random.between(-range, range));
}

MacroblockLevels random_levels(Random& random, bool with_y2) {
  MacroblockLevels levels{};
  for (std::size_t block = 0; block < (with_y2 ? kBlocks : kY2); ++block) {
    std::size_t const first = with_y2 && block < kFirstU ? 1 : 0;
    auto const end = static_cast<std::size_t>(random.chance(0.4) ? 0 : random.between(0, 16));
    for (std::size_t i = first; i < end; ++i) {
      levels.blocks[block][i] = random_level(random);
      if (levels.blocks[block][i] != 0) levels.ends[block] = static_cast<std::uint8_t>(i + 1);
    }
  }
  return levels;
}

CoefficientProbabilities random_probabilities(Random& random) {
  CoefficientProbabilities probabilities;
  for (auto& type : probabilities) {
    for (auto& band : type) {
      for (auto& context : band) {
        for (auto& p : context)
          p = static_cast<Probability>(random.between(1, 255));
      }
    }
  }
  return probabilities;
}

void expect_equal(MacroblockLevels const& levels, MacroblockCoefficients const& read,
                  bool with_y2) {
  for (std::size_t block = 0; block < (with_y2 ? kBlocks : kY2); ++block) {
    EXPECT_EQ(read.ends[block], levels.ends[block]);
    for (std::size_t i = 0; i < 16; ++i) {
      ASSERT_EQ(read.blocks[block][kZigzag[i]], levels.blocks[block][i])
          << "block " << block << " position " << i;
    }
  }
}

// Macroblocks without a second-order block that hold every level there can be but zero.
std::vector<MacroblockLevels> every_level() {
  std::vector<MacroblockLevels> all;
  std::size_t place = 0;
  for (int level = -kLargest; level <= kLargest; ++level) {
    if (level == 0) continue;
    std::size_t const block = place / 16 % kY2;
    if (place++ % (16 * kY2) == 0) all.emplace_back();
    auto& end = all.back().ends[block];
    all.back().blocks[block][end++] = static_cast<std::int16_t>(level);
  }
  return all;
}

std::vector<std::uint8_t> written(TokenRow const& row,
                                  CoefficientProbabilities const& probabilities) {
  std::vector<std::uint8_t> bytes;
  BoolEncoder encoder(bytes);
  row.write(encoder, probabilities);
  encoder.finish();
  return bytes;
}

void note(std::vector<MacroblockLevels> const& macroblocks, TokenRow& row) {
  TokenCounts counts;
  TokenContext left;
  for (auto const& levels : macroblocks) {
    TokenContext above;
    row.add(levels, false, above, left, counts);
  }
}

TEST(Tokens, every_level_is_read_again_from_a_row_that_takes_several_blocks) {
  XC_TRACE_SEED();
  Random random;
  auto const probabilities = random_probabilities(random);
  auto const macroblocks = every_level();
  TokenRow row;
  note(macroblocks, row);
  EXPECT_GT(row.words(), 2 * TokenWords::kBlockWords);
  auto const bytes = written(row, probabilities);
  BoolDecoder decoder(bytes);
  TokenContext left;
  for (auto const& levels : macroblocks) {
    TokenContext above;
    MacroblockCoefficients read;
    read_tokens(decoder, probabilities, false, kNoScale, above, left, read);
    expect_equal(levels, read, false);
  }
}

TEST(Tokens, a_row_that_was_cleared_is_as_a_new_one) {
  XC_TRACE_SEED();
  Random random;
  auto const probabilities = random_probabilities(random);
  TokenRow row;
  note(every_level(), row);
  row.clear();
  EXPECT_EQ(row.words(), 0U);
  EXPECT_EQ(written(row, probabilities), written(TokenRow(), probabilities));
  std::vector<MacroblockLevels> const other{random_levels(random, false)};
  TokenRow unused;
  note(other, row);
  note(other, unused);
  EXPECT_EQ(row.words(), unused.words());
  EXPECT_EQ(written(row, probabilities), written(unused, probabilities));
}

TEST(Tokens, levels_that_were_written_are_read_again_from_every_partition) {
  XC_TRACE_SEED();
  Random random;
  constexpr int kRows = 11;
  for (std::uint8_t log2_partitions = 0; log2_partitions < 4; ++log2_partitions) {
    auto const probabilities = random_probabilities(random);
    std::vector<MacroblockLevels> all;
    TokenList tokens;
    tokens.clear(kRows);
    TokenCounts counts;
    TokenContext above;
    for (int row = 0; row < kRows; ++row) {
      TokenContext left;
      for (int column = 0; column < 2; ++column) {
        all.push_back(random_levels(random, row % 3 != 0));
        tokens.row(row).add(all.back(), row % 3 != 0, above, left, counts);
      }
    }
    std::array<std::vector<std::uint8_t>, 8> bytes;
    std::array<BoolDecoder, 8> decoders;
    for (std::size_t i = 0; i < std::size_t{1} << log2_partitions; ++i) {
      BoolEncoder encoder(bytes[i]);
      tokens.write(encoder, probabilities, i, log2_partitions);
      encoder.finish();
      decoders[i] = BoolDecoder(bytes[i]);
    }
    above = {};
    for (int row = 0; row < kRows; ++row) {
      TokenContext left;
      for (int column = 0; column < 2; ++column) {
        MacroblockCoefficients read;
        read_tokens(decoders[partition_of_row(row, log2_partitions)], probabilities, row % 3 != 0,
                    kNoScale, above, left, read);
        expect_equal(all[static_cast<std::size_t>(2 * row + column)], read, row % 3 != 0);
      }
    }
  }
}

}  // namespace
}  // namespace xc::vp8
