// The frame header (RFC 6386 §9, §19.2): a value that says what one frame changes. Reading it needs
// no decoder state, and neither does writing it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "vp8/bool_decoder.hpp"
#include "vp8/bool_encoder.hpp"
#include "vp8/tables.hpp"

namespace xc::vp8 {

// §9.3. Where update_data is false the four values mean nothing and are zero.
struct SegmentationHeader {
  bool enabled = false;
  bool update_map = false;
  bool update_data = false;
  bool absolute = false;  // values replace those of the frame, rather than being added to them
  std::array<std::int8_t, 4> quantizer{};
  std::array<std::int8_t, 4> filter_level{};
  std::array<Probability, 3> tree_probabilities{255, 255, 255};  // if update_map

  bool operator==(SegmentationHeader const&) const = default;
};

// §9.6
struct LoopFilterHeader {
  bool simple = false;
  std::uint8_t level = 0;      // 0 … 63
  std::uint8_t sharpness = 0;  // 0 … 7
  bool deltas_enabled = false;
  bool update_deltas = false;
  std::array<std::optional<std::int8_t>, 4> reference_deltas{};
  std::array<std::optional<std::int8_t>, 4> mode_deltas{};

  bool operator==(LoopFilterHeader const&) const = default;
};

// §9.6: an index, and what is added to it for the other five kinds of coefficient.
struct QuantizerHeader {
  std::uint8_t y_ac = 0;  // 0 … 127
  std::int8_t y_dc_delta = 0;
  std::int8_t y2_dc_delta = 0;
  std::int8_t y2_ac_delta = 0;
  std::int8_t uv_dc_delta = 0;
  std::int8_t uv_ac_delta = 0;

  bool operator==(QuantizerHeader const&) const = default;
};

// §9.7: which picture a reference becomes that the new frame does not replace.
enum class GoldenCopy : std::uint8_t { kNone, kLast, kAltref };
enum class AltrefCopy : std::uint8_t { kNone, kLast, kGolden };

// §9.7. For a key frame all three are refreshed, and the rest is as here.
struct ReferenceUpdates {
  bool refresh_last = true;
  bool refresh_golden = true;
  bool refresh_altref = true;
  GoldenCopy copy_to_golden = GoldenCopy::kNone;
  AltrefCopy copy_to_altref = AltrefCopy::kNone;
  bool golden_sign_bias = false;
  bool altref_sign_bias = false;

  bool operator==(ReferenceUpdates const&) const = default;
};

using CoefficientUpdates =
    std::array<std::array<std::array<std::array<std::optional<Probability>, 11>, 3>, 8>, 4>;
using MvUpdates = std::array<std::array<std::optional<Probability>, 19>, 2>;

struct FrameHeader {
  bool key_frame = false;
  std::uint8_t version = 0;  // 0 … 3
  bool shown = true;

  // Key frames only, otherwise zero (§9.1, §9.2).
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  std::uint8_t horizontal_scale = 0;
  std::uint8_t vertical_scale = 0;
  bool color_space = false;
  bool clamping_unnecessary = false;  // clamping_type

  SegmentationHeader segmentation;
  LoopFilterHeader filter;
  std::uint8_t log2_partitions = 0;  // 0 … 3
  QuantizerHeader quantizer;
  ReferenceUpdates references;
  bool refresh_entropy = true;  // keep this frame's probabilities for the frames that follow
  CoefficientUpdates coefficient_updates{};
  std::optional<Probability> skip_probability;  // none: no macroblock may skip

  // Interframes only (§9.10, §9.11).
  Probability intra_probability = 0;
  Probability last_probability = 0;
  Probability golden_probability = 0;
  std::optional<std::array<Probability, 4>> luma_mode_probabilities;
  std::optional<std::array<Probability, 3>> chroma_mode_probabilities;
  MvUpdates mv_updates{};

  bool operator==(FrameHeader const&) const = default;
};

// A compressed frame taken apart: its header, a decoder that stands at the first macroblock header,
// and the token partitions. Refers to the frame's bytes.
struct FrameParts {
  FrameHeader header;
  BoolDecoder modes;
  std::array<std::span<std::uint8_t const>, 8> partitions;
  std::size_t token_offset = 0;  // of the partitions' sizes and the partitions, within the frame
};

// Pictures of more luma samples than this (8192 × 8192) are refused.
inline constexpr std::size_t kMaxSamples = std::size_t{1} << 26;

// Throws BadInput. `frame` must not be empty.
FrameParts read_frame_header(std::span<std::uint8_t const> frame);

// Writes what lies in the first partition: everything but the frame tag and a key frame's start
// code and size.
void write_frame_header(BoolEncoder& encoder, FrameHeader const& header);

// Appends the frame tag, and a key frame's start code and size. Throws BadInput if the first
// partition is too long for the format.
void write_frame_tag(std::vector<std::uint8_t>& frame, FrameHeader const& header,
                     std::size_t first_partition_size);

// RFC 6386 §9.5: how macroblock rows find their partition.
constexpr std::size_t partition_of_row(int row, std::uint8_t log2_partitions) {
  return static_cast<std::size_t>(row) & ((std::size_t{1} << log2_partitions) - 1);
}

constexpr int in_macroblocks(int size) {
  return (size + 15) / 16;
}

}  // namespace xc::vp8
