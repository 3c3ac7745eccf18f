// Decodes frames: decode(state, frame) -> (state', picture). The result depends on the arguments
// and on nothing else; the object only keeps memory to work in.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "vp8/coefficients.hpp"
#include "vp8/decoder_state.hpp"
#include "vp8/frame_buffer.hpp"
#include "vp8/kernels.hpp"
#include "vp8/macroblock_header.hpp"
#include "vp8/reconstruction.hpp"

namespace xc::vp8 {

struct DecodedFrame {
  DecoderState state;  // after the frame
  std::shared_ptr<FrameBuffer const> picture;
  bool shown = true;
};

class FrameDecoder {
 public:
  explicit FrameDecoder(Kernels const& kernels = vp8::kernels()) : kernels_(kernels) {}

  // `frame` must not be empty. Throws BadInput; the state given is never changed.
  DecodedFrame decode(DecoderState const& state, std::span<std::uint8_t const> frame);

  // The headers of the macroblocks of the frame decoded last.
  [[nodiscard]] MacroblockGrid const& macroblocks() const { return grid_; }

 private:
  struct Pass;

  Kernels const& kernels_;
  FramePool pool_;
  MacroblockGrid grid_;
  std::vector<TokenContext> above_;
  std::vector<FilterDecision> decisions_;
  MacroblockCoefficients coefficients_;
};

}  // namespace xc::vp8
