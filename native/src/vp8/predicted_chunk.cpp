#include "vp8/predicted_chunk.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "media/error.hpp"
#include "vp8/frame_decoder.hpp"
#include "vp8/mode_reader.hpp"

namespace xc::vp8 {
namespace {

std::string size_text(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

// Follows the prediction's decoder state, but for the pictures, which only hidden frames need.
class Follower {
 public:
  explicit Follower(bool with_pictures) : with_pictures_(with_pictures) {}

  PredictedFrame follow(std::span<std::uint8_t const> bytes) {
    PredictedFrame frame;
    frame.repeats = bytes.empty();
    if (frame.repeats) {
      check_start(false);
      return frame;
    }
    auto parts = read_frame_header(bytes);
    check_start(parts.header.key_frame);
    auto const kept_probabilities = state_.apply(parts.header);
    frame.grid.resize(state_.macroblock_rows(), state_.macroblock_columns());
    ModeReader modes(parts, state_, frame.grid);
    for (int row = 0; row < frame.grid.rows(); ++row)
      modes.read_row(row);
    state_.probabilities = kept_probabilities;
    state_.segmentation.map = segment_map_after(parts.header, state_.segmentation.map, frame.grid);
    frame.header = parts.header;
    frame.segmentation = state_.segmentation;
    frame.filter_deltas = state_.filter_deltas;
    if (with_pictures_) decode(frame, bytes);
    return frame;
  }

  [[nodiscard]] DecoderState const& state() const { return state_; }

 private:
  void check_start(bool key_frame) const {
    if (key_frame || state_.width != 0) return;
    throw BadInput("the prediction does not begin with a key frame");
  }

  void decode(PredictedFrame& frame, std::span<std::uint8_t const> bytes) {
    auto decoded = decoder_.decode(picture_state_, bytes);
    picture_state_ = std::move(decoded.state);
    if (!frame.header.shown) frame.target = std::move(decoded.picture);
  }

  bool with_pictures_;
  DecoderState state_;
  DecoderState picture_state_;
  FrameDecoder decoder_;
};

bool is_hidden(std::span<std::uint8_t const> frame) {
  return !frame.empty() && (frame[0] & 0x10) == 0;
}

void check_size(DecoderState const& state, PredictedChunk& chunk) {
  if (chunk.width == 0) {
    chunk.width = state.width;
    chunk.height = state.height;
  }
  if (state.width != chunk.width || state.height != chunk.height) {
    throw BadInput("the picture's size changes from " + size_text(chunk.width, chunk.height) +
                   " to " + size_text(state.width, state.height) +
                   ", which cannot be within a chunk");
  }
}

void check_source(FrameBuffer const& source, PredictedChunk const& chunk) {
  if (source.width() == chunk.width && source.height() == chunk.height) return;
  throw BadInput("the source's pictures are " + size_text(source.width(), source.height()) +
                 ", the prediction's " + size_text(chunk.width, chunk.height));
}

void check_counts(std::size_t frames, std::size_t skipped, std::size_t shown, std::size_t sources) {
  if (frames <= skipped) {
    throw BadInput("the prediction has " + std::to_string(frames) + " frames, of which " +
                   std::to_string(skipped) + " are thrown away; nothing is left");
  }
  if (shown != sources) {
    throw BadInput("the prediction keeps " + std::to_string(shown) +
                   " frames that are shown, but the source has " + std::to_string(sources) +
                   " pictures for them");
  }
}

}  // namespace

PredictedChunk take_apart(std::vector<std::vector<std::uint8_t>> frames, std::size_t skipped,
                          std::vector<std::shared_ptr<FrameBuffer const>> const& sources) {
  auto const hidden = static_cast<std::size_t>(
      std::count_if(frames.begin() + static_cast<std::ptrdiff_t>(std::min(skipped, frames.size())),
                    frames.end(), is_hidden));
  check_counts(frames.size(), skipped, frames.size() - skipped - hidden, sources.size());
  PredictedChunk chunk;
  Follower follower(hidden > 0);
  auto source = sources.begin();
  bool settled = false;  // may frames be taken as they are?
  for (std::size_t i = 0; i < frames.size(); ++i) {
    in_context("frame " + std::to_string(i), [&] {
      auto bytes = std::move(frames[i]);
      auto frame = follower.follow(bytes);
      check_size(follower.state(), chunk);
      if (i < skipped) return;
      if (!is_hidden(bytes)) {
        check_source(**source, chunk);
        frame.target = *source++;
      }
      settled = settled || frame.header.key_frame;
      if (settled) {
        frame.bytes = std::move(bytes);
      } else if (!frame.repeats) {
        frame.visibility = visibility_of(*frame.target);
      }
      chunk.frames.push_back(std::move(frame));
    });
  }
  return chunk;
}

}  // namespace xc::vp8
