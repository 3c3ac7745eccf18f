// How visible errors are in each macroblock of a picture: much where it is smooth, little where it
// is busy. Spending bits by that is what makes structural similarity (SSIM) large, which divides
// the error by the variance around it.
#pragma once

#include <cstdint>
#include <vector>

#include "vp8/frame_buffer.hpp"

namespace xc::vp8 {

// In 256ths, by macroblock in raster order: one is usual for this picture.
using Visibility = std::vector<std::uint16_t>;

Visibility visibility_of(FrameBuffer const& picture);

}  // namespace xc::vp8
