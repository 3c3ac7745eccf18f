// Writes macroblock headers, and counts what they will need so that probabilities can be chosen
// first (RFC 6386 §10, §11, §16, §17, §19.3). The inverse of ModeReader.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "vp8/bit_cost.hpp"
#include "vp8/bool_encoder.hpp"
#include "vp8/frame_header.hpp"
#include "vp8/macroblock_header.hpp"
#include "vp8/mv_context.hpp"
#include "vp8/probability_tables.hpp"

namespace xc::vp8 {

// One entry for each macroblock in raster order: does it skip its coefficients? Kept apart from the
// headers, which do not change when a frame is rebased.
using SkipFlags = std::vector<std::uint8_t>;

struct ModeCounts {
  BranchCount inter;  // one: inter
  BranchCount not_last;
  BranchCount altref;  // among those that are not last
  std::array<BranchCount, 3> segment{};
  std::array<BranchCount, 4> luma_mode{};
  std::array<BranchCount, 3> chroma_mode{};
  std::array<std::array<BranchCount, 19>, 2> mv{};

  void add(ModeCounts const& other);
};

// Adds what one row needs.
void count_modes(FrameHeader const& header, MacroblockGrid const& grid, int row,
                 ModeCounts& counts);

// `header` and `probabilities` as the frame has them.
void write_modes(BoolEncoder& encoder, FrameHeader const& header,
                 ProbabilityTables const& probabilities, MacroblockGrid const& grid,
                 SkipFlags const& skips);

// Can the difference of two vectors be written as a new vector?
bool is_expressible(MotionVector mv, MotionVector best);

}  // namespace xc::vp8
