// Chooses the modes of a key frame's macroblocks, by how well they predict and what they cost to
// say. A plain search: it serves the few key frames that a rebase makes itself.
#pragma once

#include "vp8/decoder_state.hpp"
#include "vp8/frame_buffer.hpp"
#include "vp8/macroblock_header.hpp"
#include "vp8/reconstruction.hpp"
#include "vp8/residue_coder.hpp"

namespace xc::vp8 {

class IntraModeChoice {
 public:
  // `luma_step` is the quantiser's step for luma: the coarser it is, the more a bit is worth.
  IntraModeChoice(FrameBuffer const& source, FrameBuffer& picture, int luma_step);

  // Fills in the modes of a macroblock in a grid whose earlier macroblocks are complete. Uses the
  // macroblock's place in the picture to try things out; levels and coefficients as well.
  void choose(MacroblockHeader& mb, std::ptrdiff_t grid_stride, int row, int column,
              Reconstruction& reconstruction, ResidueCoder const& coder, MacroblockLevels& levels,
              MacroblockCoefficients& coefficients);

 private:
  struct Choice {
    MacroblockMode mode;
    std::uint32_t cost;
  };

  [[nodiscard]] Choice best_whole(std::size_t plane, int row, int column) const;
  std::uint32_t choose_subblocks(MacroblockHeader& mb, std::ptrdiff_t grid_stride, int row,
                                 int column, Reconstruction& reconstruction,
                                 ResidueCoder const& coder, MacroblockLevels& levels,
                                 MacroblockCoefficients& coefficients) const;
  [[nodiscard]] std::uint32_t difference(std::size_t plane, int y, int x, int size) const;
  // Bits in 256ths to differences in samples.
  [[nodiscard]] std::uint32_t worth(std::uint32_t bits) const;

  FrameBuffer const& source_;
  FrameBuffer& picture_;
  std::uint32_t step_;
};

}  // namespace xc::vp8
