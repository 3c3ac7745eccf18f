// Builds a picture macroblock by macroblock, in one pass over its rows: prediction, residue, and
// one row behind them the loop filter and the border.
//
// Intra prediction looks at samples before they are filtered, so a row is filtered only when the
// row below it is complete. Until then the border next to the row holds what intra prediction sees
// outside the frame (RFC 6386 §12.2): 127 above, 129 to the left.
//
// Rows can be built at the same time, if a macroblock waits for the one above and to the right of
// it, and likewise its filter for the filter of that one.
#pragma once

#include <cstdint>
#include <vector>

#include "vp8/coefficients.hpp"
#include "vp8/decoder_state.hpp"
#include "vp8/inter_prediction.hpp"
#include "vp8/kernels.hpp"
#include "vp8/loop_filter.hpp"

namespace xc::vp8 {

// How one macroblock's edges are filtered.
struct FilterDecision {
  std::uint8_t level = 0;
  bool inner = false;
};

class Reconstruction {
 public:
  // `state` is that of DecoderState::apply(header); its references are predicted from. `decisions`
  // is memory to work in. All must outlive the reconstruction.
  Reconstruction(Kernels const& kernels, FrameHeader const& header, DecoderState const& state,
                 FrameBuffer& target, std::vector<FilterDecision>& decisions);

  // Within a row, macroblocks in order.
  void begin_row(int row);
  // Predicts all of an inter macroblock, or an intra one but for the luma of kSubblocks.
  void predict(MacroblockHeader const& mb, int row, int column);
  // Predicts one luma subblock of kSubblocks; the earlier ones must be complete.
  void predict_block(MacroblockHeader const& mb, int row, int column, std::size_t block);
  // Adds the residue of all blocks but the luma of kSubblocks. Uses up the coefficients.
  void add_residue(bool whole, bool with_luma, MacroblockCoefficients& coefficients, int row,
                   int column);
  void add_block(MacroblockCoefficients const& coefficients, int row, int column,
                 std::size_t block);
  // Ends a macroblock. `has_coefficients`: was there any token but end-of-block?
  void end_macroblock(MacroblockHeader const& mb, bool has_coefficients, int row, int column);
  // Shows the row below what it may look at beyond the row's end.
  void end_row(int row);

  // Filters a macroblock; the row below must be complete.
  void filter(int row, int column);
  // Extends the sides of what is final when a row has been filtered; after the last, all sides.
  void end_filtered_row(int row);

 private:
  void add_pairs(MacroblockCoefficients const& coefficients, std::size_t first, std::size_t count,
                 std::size_t per_row, MutablePlaneView const& plane, int row, int column);
  [[nodiscard]] std::uint8_t* luma_block(int row, int column, std::size_t block) const;

  Kernels const& kernels_;
  References const& references_;
  FrameBuffer& target_;
  std::vector<FilterDecision>& decisions_;
  InterPredictor inter_;
  LoopFilter filter_;
  int rows_;
  int columns_;
};

}  // namespace xc::vp8
