// Rebase: re-express a chunk's frames on another decoder state (ExCamera §3.3, Fouladi et al.,
// NSDI'17). Modes and motion vectors stay; the residue is taken anew, between the source and what
// they predict from the references that the decoder will really hold.
//
// Work is split so that as little as possible is left to do when the state arrives. From the first
// key frame on, a chunk does not depend on the state: that part is settled beforehand. And frames
// are written when the state after them has been told, as nobody waits for those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "vp8/crew.hpp"
#include "vp8/frame_draft.hpp"
#include "vp8/frame_encoder.hpp"
#include "vp8/frame_writer.hpp"
#include "vp8/predicted_chunk.hpp"

namespace xc::vp8 {

struct RebaseOptions {
  // What a bit may cost; see LevelChoice.
  int bit_worth = 60;
  // How many threads work on a frame. The result is the same for any number.
  std::size_t threads = 1;
};

struct RebasedChunk {
  std::vector<std::vector<std::uint8_t>> frames;
  DecoderState state;  // after the last frame
  std::size_t key_frames = 0;
};

class Rebase {
 public:
  using Listener = std::function<void(DecoderState const&)>;

  // Settles what does not depend on the state.
  explicit Rebase(PredictedChunk chunk, RebaseOptions const& options = {},
                  Kernels const& kernels = vp8::kernels());

  // The state's pictures must be of the chunk's size, unless nothing depends on them; otherwise
  // throws BadInput. Gives the same result whenever it is called with the same state. The state
  // after the last frame is told as soon as it is known, before the frames are written.
  RebasedChunk run(DecoderState const& state, Listener const& tell_state = {});

  // How many frames depend on the state.
  [[nodiscard]] std::size_t dependent_frames() const { return settled_from_; }

 private:
  void prepare();
  [[nodiscard]] std::size_t pictures_needed() const;
  // What follows a key frame is taken as it is: the state there is that of the prediction's
  // decoder.
  void settle(Kernels const& kernels);
  [[nodiscard]] std::vector<std::uint8_t> take_over(PredictedFrame& frame,
                                                    DecoderState const& state, bool last);
  // Both add a frame to the result and bring its state to behind that.
  void advance(RebasedChunk& result, std::size_t index);
  void rebase_interframe(RebasedChunk& result, std::size_t index);
  // Makes room for a frame in the result, which is written from the draft later.
  FrameDraft& add_draft(RebasedChunk& result);
  void write_drafts(RebasedChunk& result);
  [[nodiscard]] bool holds_much() const;
  [[nodiscard]] FrameHeader adapted_header(PredictedFrame const& frame,
                                           DecoderState const& state) const;
  [[nodiscard]] bool is_last(std::size_t index) const { return index + 1 == chunk_.frames.size(); }

  PredictedChunk chunk_;
  RebaseOptions options_;
  Crew crew_;
  FrameEncoder encoder_;
  std::vector<FrameWriter> writers_;  // one for each member of the crew
  // The first `drafts_made_` are still to be written: to the frame whose number stands beside it.
  std::vector<std::pair<FrameDraft, std::size_t>> drafts_;
  std::size_t drafts_made_ = 0;
  MacroblockGrid first_grid_;
  std::size_t settled_from_;
  RebasedChunk settled_;
};

}  // namespace xc::vp8
