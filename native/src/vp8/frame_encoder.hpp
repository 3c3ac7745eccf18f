// Encodes one frame whose modes are given (or, for a key frame, to be chosen): predicts, codes the
// residue against a source, rebuilds what a decoder will see, and writes the frame with the
// probabilities that suit it best.
//
// encode(state, header, modes, source) -> (state', bytes). The result depends on the arguments and
// on nothing else; the object only keeps memory to work in.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "vp8/coefficients.hpp"
#include "vp8/decoder_state.hpp"
#include "vp8/frame_buffer.hpp"
#include "vp8/frame_writer.hpp"
#include "vp8/kernels.hpp"
#include "vp8/macroblock_header.hpp"
#include "vp8/mode_writer.hpp"
#include "vp8/reconstruction.hpp"
#include "vp8/token_list.hpp"
#include "vp8/visibility.hpp"

namespace xc::vp8 {

struct EncodedFrame {
  DecoderState state;  // after the frame
  std::vector<std::uint8_t> bytes;
};

// What a frame is to look like, and what that may cost.
struct FrameGoal {
  FrameBuffer const& source;
  Visibility const& visibility;  // of errors in the source
  int bit_worth = 0;             // see LevelChoice
};

class FrameEncoder {
 public:
  explicit FrameEncoder(Kernels const& kernels = vp8::kernels()) : kernels_(kernels) {}

  // Gets memory for pictures of this size, so that no frame has to wait for it.
  void prepare(int width, int height);

  // All of `header` must be set but the probabilities. Skip flags in `grid` are not looked at.
  EncodedFrame encode(DecoderState const& state, FrameHeader header, MacroblockGrid const& grid,
                      FrameGoal const& goal);
  // A key frame; modes are chosen.
  EncodedFrame encode_key_frame(DecoderState const& state, FrameHeader header,
                                FrameGoal const& goal);

 private:
  struct Pass;

  EncodedFrame run(DecoderState const& state, FrameHeader header, MacroblockGrid const& grid,
                   MacroblockGrid* chosen, FrameGoal const& goal);

  Kernels const& kernels_;
  FramePool pool_;
  FrameWriter writer_;
  MacroblockGrid chosen_;
  std::vector<TokenContext> above_;
  std::vector<FilterDecision> decisions_;
  SkipFlags skips_;
  TokenList tokens_;
  MacroblockLevels levels_{};
  MacroblockCoefficients coefficients_;
};

}  // namespace xc::vp8
