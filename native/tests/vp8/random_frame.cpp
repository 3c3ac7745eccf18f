#include "vp8/random_frame.hpp"

#include "vp8/mode_reader.hpp"
#include "vp8/mv_context.hpp"

namespace xc::vp8 {
namespace {

using testing::Random;

template <typename Number>
Number any(Random& random, int least, int most) {
  return static_cast<Number>(random.between(least, most));
}

template <typename Number>
std::optional<Number> maybe(Random& random, int least, int most) {
  return random.chance(0.3) ? std::optional(any<Number>(random, least, most)) : std::nullopt;
}

SegmentationHeader random_segmentation(Random& random) {
  SegmentationHeader header;
  header.enabled = random.chance(0.7);
  if (!header.enabled) return header;
  header.update_map = random.chance(0.5);
  header.update_data = random.chance(0.5);
  if (header.update_data) {
    header.absolute = random.chance(0.5);
    for (auto& value : header.quantizer)
      value = any<std::int8_t>(random, -127, 127);
    for (auto& value : header.filter_level)
      value = any<std::int8_t>(random, -63, 63);
  }
  if (header.update_map) {
    for (auto& p : header.tree_probabilities)
      p = any<Probability>(random, 1, 255);
  }
  return header;
}

LoopFilterHeader random_filter(Random& random) {
  LoopFilterHeader header;
  header.simple = random.chance(0.3);
  header.level = any<std::uint8_t>(random, 0, 63);
  header.sharpness = any<std::uint8_t>(random, 0, 7);
  header.deltas_enabled = random.chance(0.7);
  header.update_deltas = header.deltas_enabled && random.chance(0.7);
  if (!header.update_deltas) return header;
  for (auto& delta : header.reference_deltas)
    delta = maybe<std::int8_t>(random, -63, 63);
  for (auto& delta : header.mode_deltas)
    delta = maybe<std::int8_t>(random, -63, 63);
  return header;
}

ReferenceUpdates random_updates(Random& random) {
  ReferenceUpdates updates;
  updates.refresh_last = random.chance(0.5);
  updates.refresh_golden = random.chance(0.5);
  updates.refresh_altref = random.chance(0.5);
  if (!updates.refresh_golden) updates.copy_to_golden = any<GoldenCopy>(random, 0, 2);
  if (!updates.refresh_altref) updates.copy_to_altref = any<AltrefCopy>(random, 0, 2);
  updates.golden_sign_bias = random.chance(0.5);
  updates.altref_sign_bias = random.chance(0.5);
  return updates;
}

void randomise_interframe_fields(Random& random, FrameHeader& header) {
  header.references = random_updates(random);
  header.intra_probability = any<Probability>(random, 1, 255);
  header.last_probability = any<Probability>(random, 1, 255);
  header.golden_probability = any<Probability>(random, 1, 255);
  if (random.chance(0.5)) {
    for (auto& p : header.luma_mode_probabilities.emplace())
      p = any<Probability>(random, 1, 255);
  }
  if (random.chance(0.5)) {
    for (auto& p : header.chroma_mode_probabilities.emplace())
      p = any<Probability>(random, 1, 255);
  }
  for (auto& component : header.mv_updates) {
    for (auto& update : component) {
      update = maybe<Probability>(random, 1, 127);
      if (update) update = static_cast<Probability>(*update << 1);
    }
  }
}

void make_split(Random& random, MacroblockHeader& mb, MotionVector best) {
  mb.partition = any<SplitPartition>(random, 0, 3);
  auto const& parts = kSplitPartitions[static_cast<std::size_t>(mb.partition)];
  std::array<MotionVector, 16> mvs{};
  for (auto& mv : mvs) {
    if (random.chance(0.7)) {
      mv = best + MotionVector{any<std::int16_t>(random, -9, 9), any<std::int16_t>(random, -9, 9)};
    }
  }
  for (std::size_t i = 0; i < 16; ++i)
    mb.subblock_mvs[i] = mvs[parts[i]];
  mb.mv = mb.subblock_mvs[15];
}

void make_inter(Random& random, MacroblockHeader& mb, MvContext const& context) {
  mb.mode = any<MacroblockMode>(random, 5, 9);
  switch (mb.mode) {
    case MacroblockMode::kNearest:
      mb.mv = context.nearest;
      break;
    case MacroblockMode::kNear:
      mb.mv = context.near;
      break;
    case MacroblockMode::kNew:
      mb.mv = context.best + MotionVector{any<std::int16_t>(random, -1023, 1023),
                                          any<std::int16_t>(random, -20, 20)};
      break;
    case MacroblockMode::kSplit:
      make_split(random, mb, context.best);
      break;
    default:
      break;
  }
}

void make_intra(Random& random, MacroblockHeader& mb, bool key_frame) {
  mb.mode = any<MacroblockMode>(random, 0, 4);
  mb.chroma_mode = any<MacroblockMode>(random, 0, 3);
  if (mb.mode == MacroblockMode::kSubblocks) {
    for (auto& mode : mb.subblock_modes)
      mode = any<SubblockMode>(random, 0, 9);
  } else if (key_frame) {
    mb.subblock_modes.fill(implied_subblock_mode(mb.mode));
  }
}

}  // namespace

FrameHeader random_header(Random& random, bool key_frame) {
  FrameHeader header;
  header.key_frame = key_frame;
  header.version = any<std::uint8_t>(random, 0, 3);
  header.shown = random.chance(0.5);
  if (key_frame) {
    header.width = any<std::uint16_t>(random, 1, 64);
    header.height = any<std::uint16_t>(random, 1, 64);
    header.horizontal_scale = any<std::uint8_t>(random, 0, 3);
    header.vertical_scale = any<std::uint8_t>(random, 0, 3);
    header.color_space = random.chance(0.5);
    header.clamping_unnecessary = random.chance(0.5);
  }
  header.segmentation = random_segmentation(random);
  header.filter = random_filter(random);
  header.log2_partitions = any<std::uint8_t>(random, 0, 3);
  header.quantizer.y_ac = any<std::uint8_t>(random, 0, 127);
  for (auto* delta :
       {&header.quantizer.y_dc_delta, &header.quantizer.y2_dc_delta, &header.quantizer.y2_ac_delta,
        &header.quantizer.uv_dc_delta, &header.quantizer.uv_ac_delta}) {
    *delta = any<std::int8_t>(random, -15, 15);
  }
  header.refresh_entropy = random.chance(0.5);
  for (auto& type : header.coefficient_updates) {
    for (auto& band : type) {
      for (auto& context : band) {
        for (auto& update : context) {
          if (random.chance(0.05)) update = any<Probability>(random, 1, 255);
        }
      }
    }
  }
  if (random.chance(0.5)) header.skip_probability = any<Probability>(random, 1, 255);
  if (!key_frame) randomise_interframe_fields(random, header);
  return header;
}

MacroblockGrid random_grid(Random& random, FrameHeader const& header, int rows, int columns) {
  MacroblockGrid grid(rows, columns);
  auto const bias = sign_bias_of(header);
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      auto& mb = grid.row(row)[column];
      if (header.segmentation.update_map) mb.segment = any<std::uint8_t>(random, 0, 3);
      if (header.skip_probability) mb.skips_coefficients = random.chance(0.5);
      if (header.key_frame || random.chance(0.3)) {
        make_intra(random, mb, header.key_frame);
        continue;
      }
      mb.reference = any<ReferenceFrame>(random, 1, 3);
      auto const bounds = MvBounds::of_macroblock(row, column, rows, columns);
      make_inter(random, mb, MvContext::of(&mb, grid.stride(), bias, bounds));
    }
  }
  return grid;
}

}  // namespace xc::vp8
