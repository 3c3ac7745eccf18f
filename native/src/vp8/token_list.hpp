// The tokens of a frame's coefficients (RFC 6386 §13.2), noted down in the order in which they will
// be written, with statistics to choose probabilities by. Writing waits until those are known.
// Rows can be noted at the same time.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "vp8/bit_cost.hpp"
#include "vp8/bool_encoder.hpp"
#include "vp8/coefficients.hpp"
#include "vp8/tables.hpp"
#include "vp8/token_words.hpp"
#include "vp8/tokens.hpp"

namespace xc::vp8 {

// The quantised coefficients of one macroblock in zigzag order.
struct alignas(64) MacroblockLevels {
  std::array<std::array<std::int16_t, 16>, kBlocks> blocks;
  std::array<std::uint8_t, kBlocks> ends;  // position behind the last that is not zero
};

// [block type][band][context][node]
using CoefficientCounts = std::array<std::array<std::array<std::array<BranchCount, 11>, 3>, 8>, 4>;

// How often which token occurs. The counts of several threads can be added.
class TokenCounts {
 public:
  void note(std::uint32_t cell_and_flag, std::uint32_t kind) { ++of_[cell_and_flag][kind]; }
  void add(TokenCounts const& other);
  void clear() { of_ = {}; }

  [[nodiscard]] CoefficientCounts by_node() const;

 private:
  friend class TokenRow;

  static constexpr std::size_t kCells = 4 * 8 * 3;
  static constexpr std::size_t kWithoutEnd = 128;  // bit 7

  // By cell of the probability table and, in bit 7, whether end-of-block is not possible.
  std::array<std::array<std::uint32_t, kTokenKinds>, 2 * kWithoutEnd> of_{};
};

// The tokens of one row of macroblocks.
class TokenRow {
 public:
  // Forgets all tokens; memory is kept for a row that is not unusually rich.
  void clear() { words_.clear(); }
  // Gets that memory.
  void reserve() { words_.reserve(); }
  // In words of two bytes: one for a token, two for those of large levels.
  [[nodiscard]] std::size_t words() const { return words_.size(); }

  // Notes the tokens of a macroblock that is not skipped. Updates the contexts.
  void add(MacroblockLevels const& levels, bool with_y2, TokenContext& above, TokenContext& left,
           TokenCounts& counts);
  void write(BoolEncoder& encoder, CoefficientProbabilities const& probabilities) const;

 private:
  // From the lowest bit: cell of the probability table (7 bits), whether end-of-block is not
  // possible here (1), token (4), then sign and extra bits. Those of the three largest categories
  // have no room there and are a word of their own behind it.
  using Word = TokenWords::Word;

  static constexpr std::size_t kMostWords = 2 * 16 * kBlocks;  // of a macroblock

  static Word* note(Word* to, std::size_t cell_and_flag, std::uint32_t kind, std::uint32_t extra,
                    TokenCounts& counts);
  static Word* add_block(Word* to, std::int16_t const* levels, std::size_t first, std::size_t end,
                         BlockType type, std::uint8_t& above, std::uint8_t& left,
                         TokenCounts& counts);

  TokenWords words_;
};

class TokenList {
 public:
  // So many empty rows; memory is kept for those that are not unusually rich.
  void clear(int rows);
  // Gets that memory.
  void reserve(int rows);

  [[nodiscard]] TokenRow& row(int row) { return rows_[static_cast<std::size_t>(row)]; }
  // What the tokens take, in words of two bytes.
  [[nodiscard]] std::size_t words() const;
  // Writes the rows that belong to one of the partitions.
  void write(BoolEncoder& encoder, CoefficientProbabilities const& probabilities,
             std::size_t partition, std::uint8_t log2_partitions) const;

 private:
  std::vector<TokenRow> rows_;
};

}  // namespace xc::vp8
