// The probabilities that a decoder carries from frame to frame (RFC 6386 §9.9–9.11).
#pragma once

#include <array>

#include "vp8/frame_header.hpp"
#include "vp8/tables.hpp"

namespace xc::vp8 {

struct ProbabilityTables {
  CoefficientProbabilities coefficients = kDefaultCoefficientProbabilities;
  MvProbabilities mv = kDefaultMvProbabilities;
  std::array<Probability, 4> luma_mode = kDefaultLumaModeProbabilities;
  std::array<Probability, 3> chroma_mode = kDefaultChromaModeProbabilities;

  bool operator==(ProbabilityTables const&) const = default;

  // Takes over what a frame's header changes.
  void update(FrameHeader const& header);
};

}  // namespace xc::vp8
