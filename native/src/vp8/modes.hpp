// Prediction modes and the trees that code them (RFC 6386 §8.1, §11.2–11.4, §16.2–16.3).
#pragma once

#include <array>
#include <cstdint>

namespace xc::vp8 {

enum class ReferenceFrame : std::uint8_t { kIntra, kLast, kGolden, kAltref };

// How a macroblock's luma is predicted: the first five from the frame itself, the others from a
// reference. The first four are the chroma modes too.
enum class MacroblockMode : std::uint8_t {
  kDc,
  kVertical,
  kHorizontal,
  kTrueMotion,
  kSubblocks,  // B_PRED: each subblock has a mode of its own
  kNearest,
  kNear,
  kZero,
  kNew,
  kSplit,
};

enum class SubblockMode : std::uint8_t {
  kDc,
  kTrueMotion,
  kVertical,
  kHorizontal,
  kDownLeft,
  kDownRight,
  kVerticalRight,
  kVerticalLeft,
  kHorizontalDown,
  kHorizontalUp,
};

// How a split macroblock is divided; the order is that of kSplitPartitions.
enum class SplitPartition : std::uint8_t { kTopBottom, kLeftRight, kQuarters, kSixteenths };

// How the motion vector of one part of a split macroblock is given.
enum class SubMvReference : std::uint8_t { kLeft, kAbove, kZero, kNew };

// A tree is an array of pairs: entry i + bit is the next index if positive, or else minus the value
// found (RFC 6386 §8.1). The probability of the zero bit at index i is probabilities[i / 2].
template <std::size_t leaves>
using Tree = std::array<std::int8_t, 2 * (leaves - 1)>;

namespace trees {

template <typename Value>
constexpr std::int8_t leaf(Value value) {
  return static_cast<std::int8_t>(-static_cast<int>(value));
}

inline constexpr Tree<5> kLumaMode{leaf(MacroblockMode::kDc),
                                   2,
                                   4,
                                   6,
                                   leaf(MacroblockMode::kVertical),
                                   leaf(MacroblockMode::kHorizontal),
                                   leaf(MacroblockMode::kTrueMotion),
                                   leaf(MacroblockMode::kSubblocks)};

inline constexpr Tree<5> kKeyFrameLumaMode{leaf(MacroblockMode::kSubblocks),
                                           2,
                                           4,
                                           6,
                                           leaf(MacroblockMode::kDc),
                                           leaf(MacroblockMode::kVertical),
                                           leaf(MacroblockMode::kHorizontal),
                                           leaf(MacroblockMode::kTrueMotion)};

inline constexpr Tree<4> kChromaMode{
    leaf(MacroblockMode::kDc),         2,
    leaf(MacroblockMode::kVertical),   4,
    leaf(MacroblockMode::kHorizontal), leaf(MacroblockMode::kTrueMotion)};

inline constexpr Tree<10> kSubblockMode{leaf(SubblockMode::kDc),
                                        2,
                                        leaf(SubblockMode::kTrueMotion),
                                        4,
                                        leaf(SubblockMode::kVertical),
                                        6,
                                        8,
                                        12,
                                        leaf(SubblockMode::kHorizontal),
                                        10,
                                        leaf(SubblockMode::kDownRight),
                                        leaf(SubblockMode::kVerticalRight),
                                        leaf(SubblockMode::kDownLeft),
                                        14,
                                        leaf(SubblockMode::kVerticalLeft),
                                        16,
                                        leaf(SubblockMode::kHorizontalDown),
                                        leaf(SubblockMode::kHorizontalUp)};

inline constexpr Tree<4> kSegment{2, 4, leaf(0), leaf(1), leaf(2), leaf(3)};

inline constexpr Tree<5> kMvMode{
    leaf(MacroblockMode::kZero), 2, leaf(MacroblockMode::kNearest), 4,
    leaf(MacroblockMode::kNear), 6, leaf(MacroblockMode::kNew),     leaf(MacroblockMode::kSplit)};

inline constexpr Tree<4> kSplitPartition{
    leaf(SplitPartition::kSixteenths), 2,
    leaf(SplitPartition::kQuarters),   4,
    leaf(SplitPartition::kTopBottom),  leaf(SplitPartition::kLeftRight)};

inline constexpr Tree<4> kSubMvReference{leaf(SubMvReference::kLeft),  2,
                                         leaf(SubMvReference::kAbove), 4,
                                         leaf(SubMvReference::kZero),  leaf(SubMvReference::kNew)};

inline constexpr Tree<8> kShortMv{2,       8,  4,  6,       leaf(0), leaf(1), leaf(2),
                                  leaf(3), 10, 12, leaf(4), leaf(5), leaf(6), leaf(7)};

}  // namespace trees
}  // namespace xc::vp8
