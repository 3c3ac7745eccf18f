// The tokens that coefficients are coded as (RFC 6386 §13.2): their kinds, the tree that says them,
// and what they cost.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "vp8/bit_cost.hpp"
#include "vp8/tables.hpp"

namespace xc::vp8 {

enum TokenKind : std::uint32_t {
  kEndOfBlock,
  kZero,
  kOne,
  kTwo,
  kThree,
  kFour,
  kCategory1,
  kCategory6 = kCategory1 + 5,
};

struct Category {
  int base;
  int bits;
  std::array<Probability, 11> probabilities;
};

inline constexpr std::array<Category, 6> kCategories{
    {{5, 1, {159}},
     {7, 2, {165, 145}},
     {11, 3, {173, 148, 140}},
     {19, 4, {176, 155, 140, 135}},
     {35, 5, {180, 157, 141, 134, 130}},
     {67, 11, {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}}}};

inline constexpr int kLargest = 67 + (1 << 11) - 1;

constexpr std::uint32_t category_of(int magnitude) {
  std::uint32_t category = 0;
  while (category < 5 && magnitude >= kCategories[category + 1].base)
    ++category;
  return category;
}

inline constexpr std::array<std::uint8_t, 68> kKindOfMagnitude = [] {
  std::array<std::uint8_t, 68> kinds{};
  for (int magnitude = 0; magnitude < 68; ++magnitude) {
    kinds[static_cast<std::size_t>(magnitude)] =
        static_cast<std::uint8_t>(magnitude < 5 ? kZero + static_cast<std::uint32_t>(magnitude)
                                                : kCategory1 + category_of(magnitude));
  }
  return kinds;
}();

inline std::uint32_t token_kind(int magnitude) {
  return kKindOfMagnitude[static_cast<std::size_t>(std::min(magnitude, 67))];
}

// The path from the root to each token: nodes and bits (RFC 6386 §13.2).
struct Path {
  std::size_t length;
  std::array<std::uint8_t, 6> nodes;
  std::array<bool, 6> bits;
};

inline constexpr std::array<Path, 12> kPaths{
    {{1, {0}, {false}},
     {2, {0, 1}, {true, false}},
     {3, {0, 1, 2}, {true, true, false}},
     {5, {0, 1, 2, 3, 4}, {true, true, true, false, false}},
     {6, {0, 1, 2, 3, 4, 5}, {true, true, true, false, true, false}},
     {6, {0, 1, 2, 3, 4, 5}, {true, true, true, false, true, true}},
     {6, {0, 1, 2, 3, 6, 7}, {true, true, true, true, false, false}},
     {6, {0, 1, 2, 3, 6, 7}, {true, true, true, true, false, true}},
     {7, {0, 1, 2, 3, 6, 8}, {true, true, true, true, true, false}},
     {7, {0, 1, 2, 3, 6, 8}, {true, true, true, true, true, false}},
     {7, {0, 1, 2, 3, 6, 8}, {true, true, true, true, true, true}},
     {7, {0, 1, 2, 3, 6, 8}, {true, true, true, true, true, true}}}};

// The seventh bit of the longest paths.
constexpr std::uint8_t last_node(std::uint32_t kind) {
  return kind < kCategory1 + 4 ? 9 : 10;
}

template <typename Visit>
void walk_token(std::uint32_t kind, bool without_end, Visit visit) {
  auto const& path = kPaths[kind];
  std::size_t const listed = path.length < 6 ? path.length : 6;
  for (std::size_t i = without_end ? 1 : 0; i < listed; ++i)
    visit(path.nodes[i], path.bits[i]);
  if (path.length == 7) visit(last_node(kind), ((kind - kCategory1) & 1) != 0);
}

// What each kind costs, by kind, without its sign and extra bits, in 256ths of a bit.
// `without_end`: the place is one where end-of-block is not possible.
inline constexpr std::size_t kTokenKinds = 12;
std::array<std::uint32_t, kTokenKinds> token_costs(std::array<Probability, 11> const& probabilities,
                                                   bool without_end);

// What the sign and the extra bits cost, about.
std::uint32_t extra_cost(std::uint32_t kind);

}  // namespace xc::vp8
