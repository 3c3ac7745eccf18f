// What the neighbours of a macroblock say about its motion vector (RFC 6386 §17.3, §18.3 of the
// draft: "find_near_mvs"), and what a motion vector's parts are coded by.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "vp8/macroblock_header.hpp"
#include "vp8/tables.hpp"

namespace xc::vp8 {

// Indexed by ReferenceFrame; of golden and altref, as the frame header says.
using SignBias = std::array<bool, 4>;

// How far a macroblock's vectors are clamped: to where it lies wholly outside the frame.
struct MvBounds {
  int top, bottom, left, right;

  static MvBounds of_macroblock(int row, int column, int rows, int columns);
  [[nodiscard]] MotionVector clamp(MotionVector mv) const;
};

struct MvContext {
  MotionVector nearest;  // clamped, as are the others
  MotionVector near;
  MotionVector best;  // what new vectors are coded relative to
  std::array<Probability, 4> mode_probabilities;

  // `header` lies in a grid; of itself only `reference` is looked at.
  static MvContext of(MacroblockHeader const* header, std::ptrdiff_t grid_stride,
                      SignBias const& sign_bias, MvBounds const& bounds);
};

// The vector of one subblock, whatever the macroblock's mode.
inline MotionVector subblock_mv(MacroblockHeader const& header, std::size_t block) {
  return header.mode == MacroblockMode::kSplit ? header.subblock_mvs[block] : header.mv;
}

// The vectors to the left of and above a subblock of a split macroblock whose earlier subblocks
// are known.
struct SubMvNeighbours {
  MotionVector left;
  MotionVector above;

  static SubMvNeighbours of(MacroblockHeader const* header, std::ptrdiff_t grid_stride,
                            std::size_t block);
  [[nodiscard]] std::array<Probability, 3> const& probabilities() const;
};

// Where in a row of MvProbabilities what is found (§17.2).
struct MvLayout {
  static constexpr std::size_t kIsLong = 0;
  static constexpr std::size_t kSign = 1;
  static constexpr std::size_t kShort = 2;
  static constexpr std::size_t kLong = 9;
  static constexpr int kLongBits = 10;
};

}  // namespace xc::vp8
