// Which edges are filtered how strongly (RFC 6386 §9.6, §15).
#pragma once

#include <array>
#include <cstdint>

#include "vp8/decoder_state.hpp"
#include "vp8/frame_buffer.hpp"
#include "vp8/frame_header.hpp"
#include "vp8/kernels.hpp"
#include "vp8/macroblock_header.hpp"

namespace xc::vp8 {

class LoopFilter {
 public:
  // `state` is that of DecoderState::apply(header).
  LoopFilter(Kernels const& kernels, FrameHeader const& header, DecoderState const& state);

  [[nodiscard]] bool is_off() const { return off_; }
  // 0 … 63; 0 leaves the macroblock's edges as they are.
  [[nodiscard]] std::uint8_t level(MacroblockHeader const& mb) const;
  // Filters the left, inner and upper edges of a macroblock. `inner` is false where there are no
  // coefficients and the prediction is whole.
  void filter(FrameBuffer& picture, int row, int column, std::uint8_t level, bool inner) const;

 private:
  struct Strength {
    EdgeLimits edge;   // between macroblocks
    EdgeLimits inner;  // between subblocks
  };
  // Of mode deltas: subblocks, then zero, split and other motion vectors.
  using LevelsByMode = std::array<std::uint8_t, 4>;

  void filter_normal(FrameBuffer& picture, int row, int column, Strength const& strength,
                     bool inner) const;
  void filter_simple(FrameBuffer& picture, int row, int column, Strength const& strength,
                     bool inner) const;

  Kernels const& kernels_;
  bool off_;
  bool simple_;
  std::array<Strength, 64> strengths_;                   // by level
  std::array<std::array<LevelsByMode, 4>, 4> levels_{};  // by segment and reference
};

}  // namespace xc::vp8
