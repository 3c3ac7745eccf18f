// The numeric tables of the VP8 format, under the names of the things that they are for.
// Sections are those of RFC 6386.
#pragma once

#include <array>
#include <cstdint>

namespace xc::vp8 {

// Of a zero bit, in 256ths.
using Probability = std::uint8_t;

// [block type][band][context][node of the token tree]
using CoefficientProbabilities =
    std::array<std::array<std::array<std::array<Probability, 11>, 3>, 8>, 4>;

// What motion vectors are coded with: one row each for the vertical and the horizontal component.
using MvProbabilities = std::array<std::array<Probability, 19>, 2>;

// RFC 6386 §13.5
extern CoefficientProbabilities const kDefaultCoefficientProbabilities;
// RFC 6386 §13.4
extern CoefficientProbabilities const kCoefficientUpdateProbabilities;
// RFC 6386 §11.5, by the modes above and to the left
extern std::array<std::array<std::array<Probability, 9>, 10>, 10> const
    kKeyFrameSubblockModeProbabilities;
// RFC 6386 §16.2
extern std::array<Probability, 4> const kDefaultLumaModeProbabilities;
// RFC 6386 §11.2
extern std::array<Probability, 4> const kKeyFrameLumaModeProbabilities;
// RFC 6386 §16.2
extern std::array<Probability, 3> const kDefaultChromaModeProbabilities;
// RFC 6386 §11.4
extern std::array<Probability, 3> const kKeyFrameChromaModeProbabilities;
// RFC 6386 §16.2
extern std::array<Probability, 9> const kSubblockModeProbabilities;
// RFC 6386 §16.3
extern std::array<std::array<Probability, 4>, 6> const kModeContexts;
// RFC 6386 §16.3: plain, left zero, above zero, equal, both zero
extern std::array<std::array<Probability, 3>, 5> const kSubMvReferenceProbabilities;
// RFC 6386 §16.3
extern std::array<Probability, 3> const kSplitPartitionProbabilities;
// RFC 6386 §16.3: the part that each subblock belongs to
extern std::array<std::array<std::uint8_t, 16>, 4> const kSplitPartitions;
// RFC 6386 §14.1
extern std::array<std::uint8_t, 128> const kDcQuantizer;
// RFC 6386 §14.1
extern std::array<std::uint16_t, 128> const kAcQuantizer;
// RFC 6386 §13
extern std::array<std::uint8_t, 16> const kZigzag;
// RFC 6386 §13.3
extern std::array<std::uint8_t, 16> const kCoefficientBands;
// RFC 6386 §18.3
extern std::array<std::array<std::int16_t, 6>, 8> const kSixtapFilters;
// RFC 6386 §18.3
extern std::array<std::array<std::int16_t, 2>, 8> const kBilinearFilters;
// RFC 6386 §17.2
extern MvProbabilities const kDefaultMvProbabilities;
// RFC 6386 §17.2
extern MvProbabilities const kMvUpdateProbabilities;

}  // namespace xc::vp8
