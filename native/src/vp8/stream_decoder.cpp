#include "vp8/stream_decoder.hpp"

#include <string>

#include "media/error.hpp"

namespace xc::vp8 {

std::shared_ptr<FrameBuffer const> StreamDecoder::decode(std::span<std::uint8_t const> frame) {
  return in_context("frame " + std::to_string(frames_), [&]() {
    bool shown = true;
    if (!frame.empty()) {
      auto decoded = decoder_.decode(state_, frame);
      state_ = std::move(decoded.state);
      shown = decoded.shown;
      if (shown) shown_ = std::move(decoded.picture);
    } else if (!shown_) {
      throw BadInput("an empty frame, and no picture before it to show again");
    }
    ++frames_;
    return shown ? shown_ : nullptr;
  });
}

}  // namespace xc::vp8
