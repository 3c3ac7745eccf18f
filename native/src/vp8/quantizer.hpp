// Quantiser indices and the factors that they stand for (RFC 6386 §9.6, §14.1).
#pragma once

#include <array>
#include <cstdint>

#include "vp8/decoder_state.hpp"
#include "vp8/frame_header.hpp"

namespace xc::vp8 {

struct BlockFactors {
  int dc = 0;
  int ac = 0;

  bool operator==(BlockFactors const&) const = default;
};

struct QuantizerFactors {
  BlockFactors y;
  BlockFactors y2;
  BlockFactors uv;

  bool operator==(QuantizerFactors const&) const = default;
};

// Indexed by segment; all four are equal where segmentation is off.
using SegmentFactors = std::array<QuantizerFactors, 4>;

// The quantiser index (0 … 127) of a segment.
int quantizer_index(FrameHeader const& header, Segmentation const& segmentation,
                    std::size_t segment);
QuantizerFactors quantizer_factors(int index, QuantizerHeader const& header);
SegmentFactors segment_factors(FrameHeader const& header, Segmentation const& segmentation);

}  // namespace xc::vp8
