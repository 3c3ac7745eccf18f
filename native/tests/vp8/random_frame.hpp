// Random frame headers and macroblock headers that keep the format's rules.
#pragma once

#include "media/seeded_random.hpp"
#include "vp8/frame_header.hpp"
#include "vp8/macroblock_header.hpp"

namespace xc::vp8 {

FrameHeader random_header(testing::Random& random, bool key_frame);

// For a frame with this header; small vectors, all modes.
MacroblockGrid random_grid(testing::Random& random, FrameHeader const& header, int rows,
                           int columns);

}  // namespace xc::vp8
