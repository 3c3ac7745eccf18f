#include "vp8/token_list.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace xc::vp8 {
namespace {

// Band · 3 for each position; the last is never used.
constexpr std::array<std::size_t, 17> kBandCell{0,  3,  6,  9,  18, 12, 15, 18, 18,
                                                18, 18, 18, 18, 18, 18, 21, 0};

// Sign and extra bits are four bits at most up to the third category.
constexpr bool has_second_word(std::uint32_t kind) {
  return kind > kCategory1 + 2;
}

// The extra bits of a category, behind the sign in `extra`.
void write_extra(BoolEncoder& encoder, std::uint32_t kind, std::uint32_t extra) {
  auto const& category = kCategories[kind - kCategory1];
  for (int i = 0; i < category.bits; ++i) {
    encoder.write((extra >> (category.bits - i) & 1) != 0,
                  category.probabilities[static_cast<std::size_t>(i)]);
  }
}

// A magnitude above one: the part of the tree below node 2, and the extra bits.
void write_large(BoolEncoder& encoder, Probability const* p, std::uint32_t kind,
                 std::uint32_t extra) {
  auto const& path = kPaths[kind];
  for (std::size_t i = 3; i < path.nodes.size() && i < path.length; ++i) {
    encoder.write(path.bits[i], p[path.nodes[i]]);
  }
  if (path.length == 7) encoder.write(((kind - kCategory1) & 1) != 0, p[last_node(kind)]);
  if (kind >= kCategory1) write_extra(encoder, kind, extra);
}

// The first three nodes by hand: most tokens go no farther.
void write_token(BoolEncoder& encoder, Probability const* p, std::uint32_t kind, bool without_end,
                 std::uint32_t extra) {
  if (!without_end) {
    encoder.write(kind != kEndOfBlock, p[0]);
    if (kind == kEndOfBlock) return;
  }
  encoder.write(kind != kZero, p[1]);
  if (kind == kZero) return;
  encoder.write(kind != kOne, p[2]);
  if (kind != kOne) write_large(encoder, p, kind, extra);
  encoder.write_flag((extra & 1) != 0);
}

}  // namespace

void TokenCounts::add(TokenCounts const& other) {
  for (std::size_t cell = 0; cell < of_.size(); ++cell) {
    for (std::size_t kind = 0; kind < kTokenKinds; ++kind)
      of_[cell][kind] += other.of_[cell][kind];
  }
}

CoefficientCounts TokenCounts::by_node() const {
  CoefficientCounts counts{};
  for (std::size_t cell = 0; cell < kCells; ++cell) {
    auto& nodes = counts[cell / 24][cell / 3 % 8][cell % 3];
    for (bool const without_end : {false, true}) {
      auto const& tokens = of_[cell + (without_end ? kWithoutEnd : 0)];
      for (std::uint32_t kind = 0; kind < kTokenKinds; ++kind) {
        if (tokens[kind] == 0) continue;
        walk_token(kind, without_end,
                   [&](std::size_t node, bool bit) { nodes[node].add(bit, tokens[kind]); });
      }
    }
  }
  return counts;
}

inline TokenRow::Word* TokenRow::note(Word* to, std::size_t cell_and_flag, std::uint32_t kind,
                                      std::uint32_t extra, TokenCounts& counts) {
  counts.note(static_cast<std::uint32_t>(cell_and_flag), kind);
  *to++ = static_cast<Word>(cell_and_flag | kind << 8 | extra << 12);
  if (has_second_word(kind)) *to++ = static_cast<Word>(extra);
  return to;
}

TokenRow::Word* TokenRow::add_block(Word* to, std::int16_t const* levels, std::size_t first,
                                    std::size_t end, BlockType type, std::uint8_t& above,
                                    std::uint8_t& left, TokenCounts& counts) {
  std::size_t const base = static_cast<std::size_t>(type) * 24;
  auto context = static_cast<std::size_t>(above + left);
  above = left = static_cast<std::uint8_t>(end > 0);
  // Bit 7 says that end-of-block is not possible.
  std::size_t without_end = 0;
  for (std::size_t i = first; i < end; ++i) {
    std::size_t const cell = (base + kBandCell[i] + context) | without_end;
    int const level = levels[i];
    if (level == 0) {
      to = note(to, cell, kZero, 0, counts);
      context = 0;
      without_end = TokenCounts::kWithoutEnd;
      continue;
    }
    int const magnitude = std::min(std::abs(level), kLargest);
    std::uint32_t const kind = kKindOfMagnitude[static_cast<std::size_t>(std::min(magnitude, 67))];
    std::uint32_t extra = level < 0 ? 1 : 0;
    if (kind >= kCategory1) {
      extra |= static_cast<std::uint32_t>(magnitude - kCategories[kind - kCategory1].base) << 1;
    }
    to = note(to, cell, kind, extra, counts);
    context = magnitude == 1 ? 1 : 2;
    without_end = 0;
  }
  if (end == 16) return to;
  return note(to, base + kBandCell[end == 0 ? first : end] + context, kEndOfBlock, 0, counts);
}

void TokenRow::add(MacroblockLevels const& levels, bool with_y2, TokenContext& above,
                   TokenContext& left, TokenCounts& counts) {
  Word* to = words_.room(kMostWords);
  auto type = BlockType::kLuma;
  std::size_t first = 0;
  if (with_y2) {
    type = BlockType::kLumaAfterY2;
    first = 1;
    to = add_block(to, levels.blocks[kY2].data(), 0, levels.ends[kY2], BlockType::kSecondOrder,
                   above.y2, left.y2, counts);
  }
  for (std::size_t i = 0; i < 16; ++i) {
    to = add_block(to, levels.blocks[i].data(), first, levels.ends[i], type, above.y[i & 3],
                   left.y[i >> 2], counts);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    to = add_block(to, levels.blocks[kFirstU + i].data(), 0, levels.ends[kFirstU + i],
                   BlockType::kChroma, above.u[i & 1], left.u[i >> 1], counts);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    to = add_block(to, levels.blocks[kFirstV + i].data(), 0, levels.ends[kFirstV + i],
                   BlockType::kChroma, above.v[i & 1], left.v[i >> 1], counts);
  }
  words_.written(to);
}

void TokenRow::write(BoolEncoder& encoder, CoefficientProbabilities const& probabilities) const {
  for (std::size_t block = 0; block < words_.blocks(); ++block) {
    auto const words = words_.block(block);
    for (auto word = words.begin(); word != words.end(); ++word) {
      std::uint32_t const token = *word;
      std::uint32_t const kind = token >> 8 & 15;
      std::uint32_t const extra = has_second_word(kind) ? *++word : token >> 12;
      std::size_t const cell = token & 127;
      auto const& p = probabilities[cell / 24][cell / 3 % 8][cell % 3];
      write_token(encoder, p.data(), kind, (token & TokenCounts::kWithoutEnd) != 0, extra);
    }
  }
}

void TokenList::clear(int rows) {
  rows_.resize(static_cast<std::size_t>(rows));
  for (auto& row : rows_)
    row.clear();
}

void TokenList::reserve(int rows) {
  rows_.resize(static_cast<std::size_t>(rows));
  for (auto& row : rows_)
    row.reserve();
}

std::size_t TokenList::words() const {
  return std::accumulate(rows_.begin(), rows_.end(), std::size_t{0},
                         [](std::size_t sum, TokenRow const& row) { return sum + row.words(); });
}

void TokenList::write(BoolEncoder& encoder, CoefficientProbabilities const& probabilities,
                      std::size_t partition, std::uint8_t log2_partitions) const {
  std::size_t const step = std::size_t{1} << log2_partitions;
  for (std::size_t row = partition; row < rows_.size(); row += step)
    rows_[row].write(encoder, probabilities);
}

}  // namespace xc::vp8
