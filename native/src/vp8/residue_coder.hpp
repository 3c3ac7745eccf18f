// From a source picture and its prediction to quantised levels, and to the coefficients that a
// decoder will have.
#pragma once

#include <array>
#include <cstdint>

#include "vp8/coefficients.hpp"
#include "vp8/frame_buffer.hpp"
#include "vp8/kernels.hpp"
#include "vp8/level_choice.hpp"
#include "vp8/quantizer.hpp"
#include "vp8/token_list.hpp"

namespace xc::vp8 {

class ResidueCoder {
 public:
  ResidueCoder(Kernels const& kernels, SegmentFactors const& factors, FrameBuffer const& source);

  // One macroblock but for those whose subblocks are predicted one by one: luma with a second-order
  // block or without, and chroma. The prediction is in `picture`. Levels are chosen by `choice`,
  // and none are kept where all of them together gain next to nothing.
  void code_macroblock(FrameBuffer const& picture, std::size_t segment, bool with_y2, int row,
                       int column, LevelChoice const& choice, TokenContext above, TokenContext left,
                       MacroblockLevels& levels, MacroblockCoefficients& coefficients) const;
  // The others: one luma subblock, and chroma. The contexts are updated. `code_chroma` returns what
  // the levels gain (see LevelChoice).
  void code_block(FrameBuffer const& picture, std::size_t segment, int row, int column,
                  std::size_t block, LevelChoice const& choice, TokenContext& above,
                  TokenContext& left, MacroblockLevels& levels,
                  MacroblockCoefficients& coefficients) const;
  std::int64_t code_chroma(FrameBuffer const& picture, std::size_t segment, int row, int column,
                           LevelChoice const& choice, TokenContext& above, TokenContext& left,
                           MacroblockLevels& levels, MacroblockCoefficients& coefficients) const;

 private:
  struct Quantizers {
    BlockQuantizer y;
    BlockQuantizer y2;
    BlockQuantizer uv;
  };

  std::int64_t code_luma(FrameBuffer const& picture, std::size_t segment, bool with_y2, int row,
                         int column, LevelChoice const& choice, TokenContext& above,
                         TokenContext& left, MacroblockLevels& levels,
                         MacroblockCoefficients& coefficients) const;
  void transform(std::size_t plane, FrameBuffer const& picture, int row, int column, int size,
                 std::int16_t* blocks) const;
  void transform_block(FrameBuffer const& picture, int row, int column, std::size_t block,
                       MacroblockCoefficients& coefficients) const;
  // Quantises one block.
  void round(BlockQuantizer const& quantizer, std::size_t block, MacroblockLevels& levels,
             MacroblockCoefficients& coefficients) const;
  std::int64_t choose(BlockQuantizer const& quantizer, BlockType type, std::size_t block,
                      LevelChoice const& choice, std::uint8_t& above, std::uint8_t& left,
                      MacroblockLevels& levels, MacroblockCoefficients& coefficients) const;

  Kernels const& kernels_;
  FrameBuffer const& source_;
  std::array<Quantizers, 4> quantizers_;  // by segment
};

// Is there any level but zero? Blocks that a macroblock does not have must have ended at 0.
bool any_level(MacroblockLevels const& levels);

}  // namespace xc::vp8
