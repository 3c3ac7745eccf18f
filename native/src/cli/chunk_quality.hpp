// How much a rebased chunk looks like its source.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "vp8/decoder_state.hpp"
#include "vp8/frame_buffer.hpp"

namespace xc::cli {

// The mean SSIM of luma over the pictures that a decoder in `state` shows for `frames`. There is a
// source for each of them.
double mean_ssim(vp8::DecoderState state, std::vector<std::vector<std::uint8_t>> const& frames,
                 std::vector<std::shared_ptr<vp8::FrameBuffer const>> const& sources);

}  // namespace xc::cli
