// What VP8 carries from one frame to the next, and nothing else: with it and the frames that
// follow, decoding can go on anywhere. A value: copies are cheap because pictures and segment maps
// are shared and never changed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "vp8/frame_buffer.hpp"
#include "vp8/frame_header.hpp"
#include "vp8/modes.hpp"
#include "vp8/probability_tables.hpp"

namespace xc::vp8 {

// One segment number (0 … 3) for each macroblock, in raster order.
using SegmentMap = std::vector<std::uint8_t>;

// RFC 6386 §9.3
struct Segmentation {
  bool absolute = false;
  std::array<std::int8_t, 4> quantizer{};
  std::array<std::int8_t, 4> filter_level{};
  std::shared_ptr<SegmentMap const> map;  // none: all zero

  bool operator==(Segmentation const& other) const;
};

// RFC 6386 §9.6: added to the loop filter level, by reference frame and by kind of mode.
struct FilterDeltas {
  std::array<std::int8_t, 4> reference{};
  std::array<std::int8_t, 4> mode{};

  bool operator==(FilterDeltas const&) const = default;
};

struct References {
  std::shared_ptr<FrameBuffer const> last;
  std::shared_ptr<FrameBuffer const> golden;
  std::shared_ptr<FrameBuffer const> altref;

  // Compares samples.
  bool operator==(References const& other) const;

  // Not for kIntra.
  [[nodiscard]] FrameBuffer const& operator[](ReferenceFrame reference) const;
  // Puts a new picture where the frame's header wants it (RFC 6386 §9.7).
  void update(ReferenceUpdates const& updates, std::shared_ptr<FrameBuffer const> const& picture);
};

struct DecoderState {
  // As the last key frame said; all zero before the first one.
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  std::uint8_t horizontal_scale = 0;
  std::uint8_t vertical_scale = 0;
  bool color_space = false;
  bool clamping_unnecessary = false;

  ProbabilityTables probabilities;
  Segmentation segmentation;
  FilterDeltas filter_deltas;
  References references;

  bool operator==(DecoderState const&) const = default;

  // Has there been a key frame? Without one, no interframe can be decoded.
  [[nodiscard]] bool has_pictures() const { return references.last != nullptr; }
  [[nodiscard]] int macroblock_rows() const { return in_macroblocks(height); }
  [[nodiscard]] int macroblock_columns() const { return in_macroblocks(width); }

  // The first half of decoding a frame: what its header changes before its macroblocks are read.
  // A key frame resets everything but the pictures (§9.1, §9.3, §9.6). Returns the probabilities
  // for the frames that follow, which are not this frame's own if it does not keep them (§9.11).
  ProbabilityTables apply(FrameHeader const& header);
};

// Equal states have equal hashes.
std::uint64_t hash(DecoderState const& state);

}  // namespace xc::vp8
