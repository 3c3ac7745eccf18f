// Encodes one frame whose modes are given: predicts, codes the residue against a source, rebuilds
// what a decoder will see, and chooses the probabilities that suit it best.
//
// encode(state, header, modes, source) -> (state', draft). The result depends on the arguments and
// on nothing else, not on how many threads work on it either; the object only keeps memory to work
// in. Rows of macroblocks are built in a wavefront, with the loop filter one row behind.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "vp8/coefficients.hpp"
#include "vp8/crew.hpp"
#include "vp8/decoder_state.hpp"
#include "vp8/frame_buffer.hpp"
#include "vp8/frame_draft.hpp"
#include "vp8/kernels.hpp"
#include "vp8/macroblock_header.hpp"
#include "vp8/mode_writer.hpp"
#include "vp8/reconstruction.hpp"
#include "vp8/token_list.hpp"
#include "vp8/visibility.hpp"
#include "vp8/wavefront.hpp"

namespace xc::vp8 {

// What a frame is to look like, and what that may cost.
struct FrameGoal {
  FrameBuffer const& source;
  Visibility const& visibility;  // of errors in the source
  int bit_worth = 0;             // see LevelChoice
};

class FrameEncoder {
 public:
  // The crew must outlive the encoder.
  explicit FrameEncoder(Crew& crew, Kernels const& kernels = vp8::kernels());

  // Gets memory for so many pictures of this size, so that no frame has to wait for it.
  void prepare(std::size_t pictures, int width, int height);

  // All of `header` must be set but the probabilities. Skip flags in `grid`, which must outlive the
  // draft, are not looked at. Returns the state after the frame.
  DecoderState encode(DecoderState const& state, FrameHeader const& header,
                      MacroblockGrid const& grid, FrameGoal const& goal, FrameDraft& draft);

 private:
  struct Pass;
  // What each member of the crew has for itself.
  struct alignas(64) Desk {
    MacroblockLevels levels{};
    MacroblockCoefficients coefficients;
    TokenCounts tokens;
    ModeCounts modes;
  };

  Kernels const& kernels_;
  Wavefront wavefront_;
  FramePool pool_;
  std::vector<TokenContext> above_;
  std::vector<FilterDecision> decisions_;
  std::vector<Desk> desks_;
};

}  // namespace xc::vp8
