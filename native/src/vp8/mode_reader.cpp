#include "vp8/mode_reader.hpp"

namespace xc::vp8 {
namespace {

// `p`: one component's row of MvProbabilities (§17.2). Takes a copy of the decoder, which can be
// kept in registers.
int read_component(BoolDecoder& shared, Probability const* p) {
  BoolDecoder decoder = shared;
  int magnitude = 0;
  if (decoder.read(p[MvLayout::kIsLong])) {
    auto const bit = [&](int i) {
      return static_cast<int>(decoder.read(p[MvLayout::kLong + static_cast<std::size_t>(i)])) << i;
    };
    for (int i = 0; i < 3; ++i)
      magnitude += bit(i);
    for (int i = MvLayout::kLongBits - 1; i > 3; --i)
      magnitude += bit(i);
    // Were no higher bit set, the vector would have been short without this one.
    if (magnitude <= 15) {
      magnitude += 8;
    } else {
      magnitude += bit(3);
    }
  } else {
    magnitude = decoder.read_tree<int>(trees::kShortMv, p + MvLayout::kShort);
  }
  if (magnitude != 0 && decoder.read(p[MvLayout::kSign])) magnitude = -magnitude;
  shared = decoder;
  return magnitude;
}

}  // namespace

SignBias sign_bias_of(FrameHeader const& header) {
  return {false, false, header.references.golden_sign_bias, header.references.altref_sign_bias};
}

ModeReader::ModeReader(FrameParts& parts, DecoderState const& state, MacroblockGrid& grid)
    : header_(parts.header),
      decoder_(parts.modes),
      probabilities_(state.probabilities),
      segment_map_(state.segmentation.map.get()),
      sign_bias_(sign_bias_of(parts.header)),
      grid_(grid) {}

void ModeReader::read_row(int row) {
  for (int column = 0; column < grid_.columns(); ++column) {
    read_header(grid_.row(row)[column], row, column);
  }
}

void ModeReader::read_header(MacroblockHeader& mb, int row, int column) {
  mb = {};
  if (header_.segmentation.update_map) {
    mb.segment = decoder_.read_tree<std::uint8_t>(trees::kSegment,
                                                  header_.segmentation.tree_probabilities.data());
  } else if (segment_map_ != nullptr) {
    mb.segment = (*segment_map_)[static_cast<std::size_t>(row * grid_.columns() + column)];
  }
  if (header_.skip_probability) mb.skips_coefficients = decoder_.read(*header_.skip_probability);
  if (header_.key_frame) {
    read_key_frame_modes(mb);
  } else if (decoder_.read(header_.intra_probability)) {
    read_inter_modes(mb, row, column);
  } else {
    read_intra_modes(mb);
  }
}

void ModeReader::read_key_frame_modes(MacroblockHeader& mb) {
  mb.mode = decoder_.read_tree<MacroblockMode>(trees::kKeyFrameLumaMode,
                                               kKeyFrameLumaModeProbabilities.data());
  if (mb.mode == MacroblockMode::kSubblocks) {
    for (std::size_t block = 0; block < 16; ++block) {
      auto const context = SubblockModeContext::of(&mb, grid_.stride(), block);
      mb.subblock_modes[block] =
          decoder_.read_tree<SubblockMode>(trees::kSubblockMode, context.probabilities());
    }
  } else {
    mb.subblock_modes.fill(implied_subblock_mode(mb.mode));
  }
  mb.chroma_mode = decoder_.read_tree<MacroblockMode>(trees::kChromaMode,
                                                      kKeyFrameChromaModeProbabilities.data());
}

void ModeReader::read_intra_modes(MacroblockHeader& mb) {
  mb.mode = decoder_.read_tree<MacroblockMode>(trees::kLumaMode, probabilities_.luma_mode.data());
  if (mb.mode == MacroblockMode::kSubblocks) {
    for (auto& mode : mb.subblock_modes) {
      mode =
          decoder_.read_tree<SubblockMode>(trees::kSubblockMode, kSubblockModeProbabilities.data());
    }
  }
  mb.chroma_mode =
      decoder_.read_tree<MacroblockMode>(trees::kChromaMode, probabilities_.chroma_mode.data());
}

void ModeReader::read_inter_modes(MacroblockHeader& mb, int row, int column) {
  mb.reference = ReferenceFrame::kLast;
  if (decoder_.read(header_.last_probability)) {
    mb.reference = decoder_.read(header_.golden_probability) ? ReferenceFrame::kAltref
                                                             : ReferenceFrame::kGolden;
  }
  auto const bounds = MvBounds::of_macroblock(row, column, grid_.rows(), grid_.columns());
  auto const context = MvContext::of(&mb, grid_.stride(), sign_bias_, bounds);
  mb.mode = decoder_.read_tree<MacroblockMode>(trees::kMvMode, context.mode_probabilities.data());
  switch (mb.mode) {
    case MacroblockMode::kNearest:
      mb.mv = context.nearest;
      break;
    case MacroblockMode::kNear:
      mb.mv = context.near;
      break;
    case MacroblockMode::kNew:
      mb.mv = read_mv() + context.best;
      break;
    case MacroblockMode::kSplit:
      read_split(mb, context.best);
      break;
    default:
      break;
  }
}

void ModeReader::read_split(MacroblockHeader& mb, MotionVector best) {
  mb.partition = decoder_.read_tree<SplitPartition>(trees::kSplitPartition,
                                                    kSplitPartitionProbabilities.data());
  auto const& parts = kSplitPartitions[static_cast<std::size_t>(mb.partition)];
  unsigned next_part = 0;
  for (std::size_t block = 0; block < 16; ++block) {
    if (parts[block] != next_part) continue;
    auto const neighbours = SubMvNeighbours::of(&mb, grid_.stride(), block);
    MotionVector mv;
    switch (decoder_.read_tree<SubMvReference>(trees::kSubMvReference,
                                               neighbours.probabilities().data())) {
      case SubMvReference::kLeft:
        mv = neighbours.left;
        break;
      case SubMvReference::kAbove:
        mv = neighbours.above;
        break;
      case SubMvReference::kZero:
        break;
      case SubMvReference::kNew:
        mv = read_mv() + best;
        break;
    }
    // The part's later subblocks are neighbours of the parts that follow.
    for (std::size_t i = block; i < 16; ++i) {
      if (parts[i] == next_part) mb.subblock_mvs[i] = mv;
    }
    ++next_part;
  }
  mb.mv = mb.subblock_mvs[15];
}

MotionVector ModeReader::read_mv() {
  auto const row = static_cast<std::int16_t>(read_component(decoder_, probabilities_.mv[0].data()));
  auto const column =
      static_cast<std::int16_t>(read_component(decoder_, probabilities_.mv[1].data()));
  return {row, column};
}

std::shared_ptr<SegmentMap const> segment_map_after(FrameHeader const& header,
                                                    std::shared_ptr<SegmentMap const> const& before,
                                                    MacroblockGrid const& grid) {
  if (!header.segmentation.update_map) return before;
  auto map = std::make_shared<SegmentMap>();
  map->reserve(static_cast<std::size_t>(grid.rows() * grid.columns()));
  for (int row = 0; row < grid.rows(); ++row) {
    for (int column = 0; column < grid.columns(); ++column) {
      map->push_back(grid.row(row)[column].segment);
    }
  }
  return map;
}

}  // namespace xc::vp8
