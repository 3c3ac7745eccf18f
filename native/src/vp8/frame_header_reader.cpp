// Reads the frame header in the order of RFC 6386 §19.2.
#include <string>

#include "media/error.hpp"
#include "vp8/frame_header.hpp"

namespace xc::vp8 {
namespace {

constexpr std::size_t kTagSize = 3;
constexpr std::size_t kKeyFrameTagSize = 10;

template <typename Number>
std::optional<Number> read_optional_signed(BoolDecoder& decoder, int bits) {
  if (!decoder.read_flag()) return std::nullopt;
  return static_cast<Number>(decoder.read_signed(bits));
}

SegmentationHeader read_segmentation(BoolDecoder& decoder) {
  SegmentationHeader header;
  header.enabled = decoder.read_flag();
  if (!header.enabled) return header;
  header.update_map = decoder.read_flag();
  header.update_data = decoder.read_flag();
  if (header.update_data) {
    header.absolute = decoder.read_flag();
    for (auto& value : header.quantizer) {
      value = read_optional_signed<std::int8_t>(decoder, 7).value_or(0);
    }
    for (auto& value : header.filter_level) {
      value = read_optional_signed<std::int8_t>(decoder, 6).value_or(0);
    }
  }
  if (header.update_map) {
    for (auto& probability : header.tree_probabilities) {
      if (decoder.read_flag()) probability = static_cast<Probability>(decoder.read_literal(8));
    }
  }
  return header;
}

LoopFilterHeader read_loop_filter(BoolDecoder& decoder) {
  LoopFilterHeader header;
  header.simple = decoder.read_flag();
  header.level = static_cast<std::uint8_t>(decoder.read_literal(6));
  header.sharpness = static_cast<std::uint8_t>(decoder.read_literal(3));
  header.deltas_enabled = decoder.read_flag();
  if (!header.deltas_enabled) return header;
  header.update_deltas = decoder.read_flag();
  if (!header.update_deltas) return header;
  for (auto& delta : header.reference_deltas) {
    delta = read_optional_signed<std::int8_t>(decoder, 6);
  }
  for (auto& delta : header.mode_deltas) {
    delta = read_optional_signed<std::int8_t>(decoder, 6);
  }
  return header;
}

QuantizerHeader read_quantizer(BoolDecoder& decoder) {
  QuantizerHeader header;
  header.y_ac = static_cast<std::uint8_t>(decoder.read_literal(7));
  for (auto* delta : {&header.y_dc_delta, &header.y2_dc_delta, &header.y2_ac_delta,
                      &header.uv_dc_delta, &header.uv_ac_delta}) {
    *delta = read_optional_signed<std::int8_t>(decoder, 4).value_or(0);
  }
  return header;
}

ReferenceUpdates read_reference_updates(BoolDecoder& decoder) {
  ReferenceUpdates updates;
  updates.refresh_golden = decoder.read_flag();
  updates.refresh_altref = decoder.read_flag();
  // The fourth value is reserved and copies nothing.
  if (!updates.refresh_golden) {
    updates.copy_to_golden = static_cast<GoldenCopy>(decoder.read_literal(2) % 3);
  }
  if (!updates.refresh_altref) {
    updates.copy_to_altref = static_cast<AltrefCopy>(decoder.read_literal(2) % 3);
  }
  updates.golden_sign_bias = decoder.read_flag();
  updates.altref_sign_bias = decoder.read_flag();
  return updates;
}

void read_coefficient_updates(BoolDecoder& decoder, CoefficientUpdates& updates) {
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 8; ++j) {
      for (std::size_t k = 0; k < 3; ++k) {
        auto const& update_probabilities = kCoefficientUpdateProbabilities[i][j][k];
        for (std::size_t t = 0; t < 11; ++t) {
          if (decoder.read(update_probabilities[t])) {
            updates[i][j][k][t] = static_cast<Probability>(decoder.read_literal(8));
          }
        }
      }
    }
  }
}

template <std::size_t size>
std::optional<std::array<Probability, size>> read_mode_probabilities(BoolDecoder& decoder) {
  if (!decoder.read_flag()) return std::nullopt;
  std::array<Probability, size> probabilities{};
  for (auto& probability : probabilities) {
    probability = static_cast<Probability>(decoder.read_literal(8));
  }
  return probabilities;
}

void read_mv_updates(BoolDecoder& decoder, MvUpdates& updates) {
  for (std::size_t component = 0; component < 2; ++component) {
    for (std::size_t i = 0; i < 19; ++i) {
      if (!decoder.read(kMvUpdateProbabilities[component][i])) continue;
      auto const value = decoder.read_literal(7);
      updates[component][i] = static_cast<Probability>(value != 0 ? value << 1 : 1);
    }
  }
}

void read_first_partition(BoolDecoder& decoder, FrameHeader& header) {
  if (header.key_frame) {
    header.color_space = decoder.read_flag();
    header.clamping_unnecessary = decoder.read_flag();
  }
  header.segmentation = read_segmentation(decoder);
  header.filter = read_loop_filter(decoder);
  header.log2_partitions = static_cast<std::uint8_t>(decoder.read_literal(2));
  header.quantizer = read_quantizer(decoder);
  if (!header.key_frame) header.references = read_reference_updates(decoder);
  header.refresh_entropy = decoder.read_flag();
  if (!header.key_frame) header.references.refresh_last = decoder.read_flag();
  read_coefficient_updates(decoder, header.coefficient_updates);
  if (decoder.read_flag()) {
    header.skip_probability = static_cast<Probability>(decoder.read_literal(8));
  }
  if (header.key_frame) return;
  header.intra_probability = static_cast<Probability>(decoder.read_literal(8));
  header.last_probability = static_cast<Probability>(decoder.read_literal(8));
  header.golden_probability = static_cast<Probability>(decoder.read_literal(8));
  header.luma_mode_probabilities = read_mode_probabilities<4>(decoder);
  header.chroma_mode_probabilities = read_mode_probabilities<3>(decoder);
  read_mv_updates(decoder, header.mv_updates);
}

void read_size(std::span<std::uint8_t const> frame, FrameHeader& header) {
  if (frame.size() < kKeyFrameTagSize) {
    throw BadInput("a key frame of " + std::to_string(frame.size()) + " bytes is cut off");
  }
  if (frame[3] != 0x9d || frame[4] != 0x01 || frame[5] != 0x2a) {
    throw BadInput("the key frame's start code is missing");
  }
  int const horizontal = frame[6] | frame[7] << 8;
  int const vertical = frame[8] | frame[9] << 8;
  header.width = static_cast<std::uint16_t>(horizontal & 0x3fff);
  header.height = static_cast<std::uint16_t>(vertical & 0x3fff);
  header.horizontal_scale = static_cast<std::uint8_t>(horizontal >> 14);
  header.vertical_scale = static_cast<std::uint8_t>(vertical >> 14);
  if (header.width == 0 || header.height == 0) {
    throw BadInput("a picture of " + std::to_string(header.width) + "×" +
                   std::to_string(header.height) + " samples is not possible");
  }
  if (std::size_t{header.width} * header.height > kMaxSamples) {
    throw BadInput("a picture of " + std::to_string(header.width) + "×" +
                   std::to_string(header.height) + " samples is more than the " +
                   std::to_string(kMaxSamples) + " that are supported");
  }
}

// A macroblock header of a key frame takes more than three bits, whatever the modes: its
// probabilities are fixed. So a frame that claims a large picture must bring data for it, and
// nothing is allocated for a size that is not backed up.
void check_data_supports_size(FrameHeader const& header, std::size_t first_partition_size) {
  auto const macroblocks = static_cast<std::size_t>(in_macroblocks(header.width)) *
                           static_cast<std::size_t>(in_macroblocks(header.height));
  if (first_partition_size < macroblocks * 3 / 8) {
    throw BadInput("a key frame of " + std::to_string(header.width) + "×" +
                   std::to_string(header.height) + " samples cannot have a first partition of " +
                   std::to_string(first_partition_size) + " bytes");
  }
}

void split_partitions(std::span<std::uint8_t const> bytes, FrameParts& parts) {
  std::size_t const count = std::size_t{1} << parts.header.log2_partitions;
  std::size_t const table_size = 3 * (count - 1);
  if (bytes.size() < table_size) throw BadInput("the table of partition sizes is cut off");
  auto const* sizes = bytes.data();
  auto rest = bytes.subspan(table_size);
  for (std::size_t i = 0; i + 1 < count; ++i, sizes += 3) {
    auto const size = static_cast<std::size_t>(sizes[0] | sizes[1] << 8 | sizes[2] << 16);
    if (size > rest.size()) {
      throw BadInput("token partition " + std::to_string(i) + " has " + std::to_string(size) +
                     " bytes, of which " + std::to_string(rest.size()) + " are there");
    }
    parts.partitions[i] = rest.first(size);
    rest = rest.subspan(size);
  }
  parts.partitions[count - 1] = rest;
}

}  // namespace

FrameParts read_frame_header(std::span<std::uint8_t const> frame) {
  if (frame.size() < kTagSize) throw BadInput("the frame tag is cut off");
  FrameParts parts;
  auto& header = parts.header;
  std::uint32_t const tag = frame[0] | static_cast<std::uint32_t>(frame[1]) << 8 |
                            static_cast<std::uint32_t>(frame[2]) << 16;
  header.key_frame = (tag & 1) == 0;
  header.version = static_cast<std::uint8_t>(tag >> 1 & 7);
  header.shown = (tag >> 4 & 1) != 0;
  std::size_t const first_partition_size = tag >> 5;
  if (header.version > 3) {
    throw BadInput("VP8 version " + std::to_string(header.version) + " does not exist");
  }
  if (header.key_frame) read_size(frame, header);
  auto const rest = frame.subspan(header.key_frame ? kKeyFrameTagSize : kTagSize);
  if (first_partition_size > rest.size()) {
    throw BadInput("the first partition has " + std::to_string(first_partition_size) +
                   " bytes, of which " + std::to_string(rest.size()) + " are there");
  }
  if (header.key_frame) check_data_supports_size(header, first_partition_size);
  parts.modes = BoolDecoder(rest.first(first_partition_size));
  read_first_partition(parts.modes, header);
  parts.token_offset = frame.size() - rest.size() + first_partition_size;
  split_partitions(rest.subspan(first_partition_size), parts);
  return parts;
}

}  // namespace xc::vp8
