// Writes the frame header in the order of RFC 6386 §19.2.
#include <string>

#include "media/error.hpp"
#include "vp8/frame_header.hpp"

namespace xc::vp8 {
namespace {

void write_optional_signed(BoolEncoder& encoder, std::optional<std::int8_t> value, int bits) {
  encoder.write_flag(value.has_value());
  if (value) encoder.write_signed(*value, bits);
}

std::optional<std::int8_t> unless_zero(std::int8_t value) {
  return value == 0 ? std::nullopt : std::optional(value);
}

void write_segmentation(BoolEncoder& encoder, SegmentationHeader const& header) {
  encoder.write_flag(header.enabled);
  if (!header.enabled) return;
  encoder.write_flag(header.update_map);
  encoder.write_flag(header.update_data);
  if (header.update_data) {
    encoder.write_flag(header.absolute);
    for (auto value : header.quantizer)
      write_optional_signed(encoder, unless_zero(value), 7);
    for (auto value : header.filter_level)
      write_optional_signed(encoder, unless_zero(value), 6);
  }
  if (!header.update_map) return;
  for (auto probability : header.tree_probabilities) {
    encoder.write_flag(probability != 255);
    if (probability != 255) encoder.write_literal(probability, 8);
  }
}

void write_loop_filter(BoolEncoder& encoder, LoopFilterHeader const& header) {
  encoder.write_flag(header.simple);
  encoder.write_literal(header.level, 6);
  encoder.write_literal(header.sharpness, 3);
  encoder.write_flag(header.deltas_enabled);
  if (!header.deltas_enabled) return;
  encoder.write_flag(header.update_deltas);
  if (!header.update_deltas) return;
  for (auto delta : header.reference_deltas)
    write_optional_signed(encoder, delta, 6);
  for (auto delta : header.mode_deltas)
    write_optional_signed(encoder, delta, 6);
}

void write_quantizer(BoolEncoder& encoder, QuantizerHeader const& header) {
  encoder.write_literal(header.y_ac, 7);
  for (auto delta : {header.y_dc_delta, header.y2_dc_delta, header.y2_ac_delta, header.uv_dc_delta,
                     header.uv_ac_delta}) {
    write_optional_signed(encoder, unless_zero(delta), 4);
  }
}

void write_reference_updates(BoolEncoder& encoder, ReferenceUpdates const& updates) {
  encoder.write_flag(updates.refresh_golden);
  encoder.write_flag(updates.refresh_altref);
  if (!updates.refresh_golden) {
    encoder.write_literal(static_cast<std::uint32_t>(updates.copy_to_golden), 2);
  }
  if (!updates.refresh_altref) {
    encoder.write_literal(static_cast<std::uint32_t>(updates.copy_to_altref), 2);
  }
  encoder.write_flag(updates.golden_sign_bias);
  encoder.write_flag(updates.altref_sign_bias);
}

void write_coefficient_updates(BoolEncoder& encoder, CoefficientUpdates const& updates) {
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 8; ++j) {
      for (std::size_t k = 0; k < 3; ++k) {
        for (std::size_t t = 0; t < 11; ++t) {
          auto const& update = updates[i][j][k][t];
          encoder.write(update.has_value(), kCoefficientUpdateProbabilities[i][j][k][t]);
          if (update) encoder.write_literal(*update, 8);
        }
      }
    }
  }
}

template <std::size_t size>
void write_mode_probabilities(BoolEncoder& encoder,
                              std::optional<std::array<Probability, size>> const& probabilities) {
  encoder.write_flag(probabilities.has_value());
  if (!probabilities) return;
  for (auto probability : *probabilities)
    encoder.write_literal(probability, 8);
}

void write_mv_updates(BoolEncoder& encoder, MvUpdates const& updates) {
  for (std::size_t component = 0; component < 2; ++component) {
    for (std::size_t i = 0; i < 19; ++i) {
      auto const& update = updates[component][i];
      encoder.write(update.has_value(), kMvUpdateProbabilities[component][i]);
      if (update) encoder.write_literal(static_cast<std::uint32_t>(*update >> 1), 7);
    }
  }
}

}  // namespace

void write_frame_header(BoolEncoder& encoder, FrameHeader const& header) {
  if (header.key_frame) {
    encoder.write_flag(header.color_space);
    encoder.write_flag(header.clamping_unnecessary);
  }
  write_segmentation(encoder, header.segmentation);
  write_loop_filter(encoder, header.filter);
  encoder.write_literal(header.log2_partitions, 2);
  write_quantizer(encoder, header.quantizer);
  if (!header.key_frame) write_reference_updates(encoder, header.references);
  encoder.write_flag(header.refresh_entropy);
  if (!header.key_frame) encoder.write_flag(header.references.refresh_last);
  write_coefficient_updates(encoder, header.coefficient_updates);
  encoder.write_flag(header.skip_probability.has_value());
  if (header.skip_probability) encoder.write_literal(*header.skip_probability, 8);
  if (header.key_frame) return;
  encoder.write_literal(header.intra_probability, 8);
  encoder.write_literal(header.last_probability, 8);
  encoder.write_literal(header.golden_probability, 8);
  write_mode_probabilities(encoder, header.luma_mode_probabilities);
  write_mode_probabilities(encoder, header.chroma_mode_probabilities);
  write_mv_updates(encoder, header.mv_updates);
}

void write_frame_tag(std::vector<std::uint8_t>& frame, FrameHeader const& header,
                     std::size_t first_partition_size) {
  if (first_partition_size >= std::size_t{1} << 19) {
    throw BadInput("a first partition of " + std::to_string(first_partition_size) +
                   " bytes is more than VP8 allows");
  }
  auto const tag = static_cast<std::uint32_t>(first_partition_size << 5) |
                   static_cast<std::uint32_t>(header.shown) << 4 |
                   static_cast<std::uint32_t>(header.version) << 1 |
                   static_cast<std::uint32_t>(!header.key_frame);
  for (int shift : {0, 8, 16})
    frame.push_back(static_cast<std::uint8_t>(tag >> shift));
  if (!header.key_frame) return;
  for (auto byte : {0x9d, 0x01, 0x2a})
    frame.push_back(static_cast<std::uint8_t>(byte));
  auto const horizontal = header.width | header.horizontal_scale << 14;
  auto const vertical = header.height | header.vertical_scale << 14;
  for (auto size : {horizontal, vertical}) {
    frame.push_back(static_cast<std::uint8_t>(size));
    frame.push_back(static_cast<std::uint8_t>(size >> 8));
  }
}

}  // namespace xc::vp8
