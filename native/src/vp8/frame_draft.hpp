// A frame of which everything is decided, but that is not written yet. The state behind it is known
// already, so that writing can wait for what is more urgent.
#pragma once

#include <cstddef>

#include "vp8/frame_header.hpp"
#include "vp8/macroblock_header.hpp"
#include "vp8/mode_writer.hpp"
#include "vp8/probability_tables.hpp"
#include "vp8/token_list.hpp"

namespace xc::vp8 {

struct FrameDraft {
  FrameHeader header;
  ProbabilityTables probabilities;       // that the frame is decoded with
  MacroblockGrid const* grid = nullptr;  // of whoever asked for the frame
  SkipFlags skips;
  TokenList tokens;

  // Gets memory for pictures of this size, so that no frame has to wait for it.
  void prepare(int width, int height) {
    int const rows = in_macroblocks(height);
    int const columns = in_macroblocks(width);
    tokens.reserve(rows);
    skips.assign(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns), 0);
  }
};

}  // namespace xc::vp8
