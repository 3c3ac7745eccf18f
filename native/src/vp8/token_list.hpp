// The tokens of a frame's coefficients (RFC 6386 §13.2), noted down in the order in which they will
// be written, with statistics to choose probabilities by. Writing waits until those are known.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "vp8/bit_cost.hpp"
#include "vp8/bool_encoder.hpp"
#include "vp8/coefficients.hpp"
#include "vp8/tables.hpp"

namespace xc::vp8 {

// The quantised coefficients of one macroblock in zigzag order.
struct alignas(64) MacroblockLevels {
  std::array<std::array<std::int16_t, 16>, kBlocks> blocks;
  std::array<std::uint8_t, kBlocks> ends;  // position behind the last that is not zero
};

// [block type][band][context][node]
using CoefficientCounts = std::array<std::array<std::array<std::array<BranchCount, 11>, 3>, 8>, 4>;

class TokenList {
 public:
  // Forgets all tokens but not the memory.
  void clear();
  // Gets memory for a frame of so many macroblocks, if it is not an unusually rich one.
  void reserve(std::size_t macroblocks) {
    tokens_.resize(std::max(tokens_.size(), 16 * macroblocks));
    tokens_.clear();
  }
  void begin_row() { row_starts_.push_back(tokens_.size()); }
  // Notes the tokens of a macroblock that is not skipped. Updates the contexts.
  void add(MacroblockLevels const& levels, bool with_y2, TokenContext& above, TokenContext& left);

  [[nodiscard]] CoefficientCounts counts() const;
  // Writes the rows that belong to one of the partitions.
  void write(BoolEncoder& encoder, CoefficientProbabilities const& probabilities,
             std::size_t partition, std::uint8_t log2_partitions) const;

 private:
  // From the lowest bit: cell of the probability table (7 bits), whether end-of-block is not
  // possible here (1), token (4), then sign and extra bits.
  using Token = std::uint32_t;
  static constexpr std::size_t kCells = 4 * 8 * 3;
  static constexpr std::size_t kTokens = 12;
  static constexpr std::size_t kWithoutEnd = 128;  // bit 7

  void add_block(std::int16_t const* levels, std::size_t first, std::size_t end, BlockType type,
                 std::uint8_t& above, std::uint8_t& left);
  void note(std::size_t cell_and_flag, std::uint32_t token, std::uint32_t extra);

  std::vector<Token> tokens_;
  std::vector<std::size_t> row_starts_;
  // By cell and whether end-of-block is not possible.
  std::array<std::array<std::uint32_t, kTokens>, 2 * kWithoutEnd> token_counts_{};
};

}  // namespace xc::vp8
