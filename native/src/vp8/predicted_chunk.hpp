// A chunk as libvpx encoded it in parallel, taken apart for the rebase: headers, modes and motion
// vectors of each frame that is kept, what the loop filter and the segments were there, and the
// picture that the frame is to look like.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "vp8/decoder_state.hpp"
#include "vp8/frame_buffer.hpp"
#include "vp8/frame_header.hpp"
#include "vp8/macroblock_header.hpp"
#include "vp8/visibility.hpp"

namespace xc::vp8 {

struct PredictedFrame {
  bool repeats = false;  // shows the picture before it again: of what follows, it has a target only
  // From the first key frame on, as these may be taken as they are; of others nobody needs them.
  std::vector<std::uint8_t> bytes;
  FrameHeader header;
  MacroblockGrid grid;
  Segmentation segmentation;   // as in force in the frame; its map is that after the frame
  FilterDeltas filter_deltas;  // the same
  // What the frame should look like: a source picture, or for a hidden frame, which has none, what
  // libvpx made of it.
  std::shared_ptr<FrameBuffer const> target;
  Visibility visibility;  // of errors in the target, up to the first key frame
};

struct PredictedChunk {
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  std::vector<PredictedFrame> frames;  // those that are kept
};

// Takes apart the frames of a prediction, of which the first `skipped` are thrown away. `sources`
// has a picture for each frame that is kept and shown. Throws BadInput.
PredictedChunk take_apart(std::vector<std::vector<std::uint8_t>> frames, std::size_t skipped,
                          std::vector<std::shared_ptr<FrameBuffer const>> const& sources);

}  // namespace xc::vp8
