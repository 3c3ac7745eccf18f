// Changes to a frame's modes that keep its motion vectors.
#pragma once

#include "vp8/macroblock_header.hpp"
#include "vp8/mv_context.hpp"

namespace xc::vp8 {

// Has all inter macroblocks predicted from the last picture. How a vector is named (nearest, near,
// new) depends on the neighbours' references, so it is named anew.
MacroblockGrid predict_from_last_only(MacroblockGrid grid, SignBias const& sign_bias);

}  // namespace xc::vp8
