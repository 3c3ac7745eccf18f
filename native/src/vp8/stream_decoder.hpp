// Plays the frames of a stream one after the other: keeps the decoder state between them, and what
// was shown last, which an empty frame shows again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "vp8/frame_decoder.hpp"

namespace xc::vp8 {

class StreamDecoder {
 public:
  explicit StreamDecoder(DecoderState state = {})
      : state_(std::move(state)), shown_(state_.references.last) {}

  // Returns the picture that the frame shows; none if it is hidden. Throws BadInput
  // ("frame 17: …", counted from 0), after which the decoder is as before the frame.
  std::shared_ptr<FrameBuffer const> decode(std::span<std::uint8_t const> frame);

  [[nodiscard]] DecoderState const& state() const { return state_; }
  // How many frames were decoded.
  [[nodiscard]] std::size_t frames() const { return frames_; }

 private:
  FrameDecoder decoder_;
  DecoderState state_;
  std::shared_ptr<FrameBuffer const> shown_;
  std::size_t frames_ = 0;
};

}  // namespace xc::vp8
