#include "vp8/quantizer.hpp"

#include <algorithm>

#include "vp8/tables.hpp"

namespace xc::vp8 {
namespace {

int clamp_index(int index) {
  return std::clamp(index, 0, 127);
}

int dc_factor(int index) {
  return kDcQuantizer[static_cast<std::size_t>(clamp_index(index))];
}

int ac_factor(int index) {
  return kAcQuantizer[static_cast<std::size_t>(clamp_index(index))];
}

}  // namespace

int quantizer_index(FrameHeader const& header, Segmentation const& segmentation,
                    std::size_t segment) {
  int const base = header.quantizer.y_ac;
  if (!header.segmentation.enabled) return base;
  int const value = segmentation.quantizer[segment];
  return clamp_index(segmentation.absolute ? value : base + value);
}

QuantizerFactors quantizer_factors(int index, QuantizerHeader const& header) {
  QuantizerFactors factors;
  factors.y = {dc_factor(index + header.y_dc_delta), ac_factor(index)};
  factors.y2 = {2 * dc_factor(index + header.y2_dc_delta),
                std::max(8, ac_factor(index + header.y2_ac_delta) * 155 / 100)};
  factors.uv = {std::min(132, dc_factor(index + header.uv_dc_delta)),
                ac_factor(index + header.uv_ac_delta)};
  return factors;
}

SegmentFactors segment_factors(FrameHeader const& header, Segmentation const& segmentation) {
  SegmentFactors factors;
  for (std::size_t segment = 0; segment < factors.size(); ++segment) {
    factors[segment] =
        quantizer_factors(quantizer_index(header, segmentation, segment), header.quantizer);
  }
  return factors;
}

}  // namespace xc::vp8
