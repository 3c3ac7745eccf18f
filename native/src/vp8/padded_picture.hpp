// Source pictures in the codec's own layout.
#pragma once

#include <memory>

#include "media/picture_view.hpp"
#include "vp8/frame_buffer.hpp"

namespace xc::vp8 {

// A copy whose macroblocks are filled up at the right and at the bottom by repeating the last
// samples. Its border is not filled.
std::shared_ptr<FrameBuffer const> padded(PictureView const& picture);

}  // namespace xc::vp8
