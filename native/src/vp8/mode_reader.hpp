// Reads macroblock headers (RFC 6386 §10, §11, §16, §17, §19.3).
#pragma once

#include "vp8/bool_decoder.hpp"
#include "vp8/decoder_state.hpp"
#include "vp8/frame_header.hpp"
#include "vp8/macroblock_header.hpp"
#include "vp8/mv_context.hpp"

namespace xc::vp8 {

SignBias sign_bias_of(FrameHeader const& header);

class ModeReader {
 public:
  // `state` is that of DecoderState::apply(parts.header). All arguments must outlive the reader.
  // Rows must be read in order.
  ModeReader(FrameParts& parts, DecoderState const& state, MacroblockGrid& grid);

  void read_row(int row);

 private:
  void read_header(MacroblockHeader& mb, int row, int column);
  void read_key_frame_modes(MacroblockHeader& mb);
  void read_intra_modes(MacroblockHeader& mb);
  void read_inter_modes(MacroblockHeader& mb, int row, int column);
  void read_split(MacroblockHeader& mb, MotionVector best);
  MotionVector read_mv();

  FrameHeader const& header_;
  BoolDecoder decoder_;
  ProbabilityTables const& probabilities_;
  SegmentMap const* segment_map_;
  SignBias sign_bias_;
  MacroblockGrid& grid_;
};

// The map that the decoder keeps after the frame; shares the old one where nothing has changed.
std::shared_ptr<SegmentMap const> segment_map_after(FrameHeader const& header,
                                                    std::shared_ptr<SegmentMap const> const& before,
                                                    MacroblockGrid const& grid);

// The mode of its subblocks that a whole-macroblock mode stands for as a context (§11.3).
constexpr SubblockMode implied_subblock_mode(MacroblockMode mode) {
  switch (mode) {
    case MacroblockMode::kVertical:
      return SubblockMode::kVertical;
    case MacroblockMode::kHorizontal:
      return SubblockMode::kHorizontal;
    case MacroblockMode::kTrueMotion:
      return SubblockMode::kTrueMotion;
    default:
      return SubblockMode::kDc;
  }
}

// The modes above and to the left of a subblock, as contexts in key frames.
struct SubblockModeContext {
  SubblockMode above;
  SubblockMode left;

  static SubblockModeContext of(MacroblockHeader const* mb, std::ptrdiff_t grid_stride,
                                std::size_t block) {
    return {
        block >= 4 ? mb->subblock_modes[block - 4] : mb[-grid_stride].subblock_modes[block + 12],
        (block & 3) != 0 ? mb->subblock_modes[block - 1] : mb[-1].subblock_modes[block + 3]};
  }

  [[nodiscard]] Probability const* probabilities() const {
    return kKeyFrameSubblockModeProbabilities[static_cast<std::size_t>(above)]
                                             [static_cast<std::size_t>(left)]
                                                 .data();
  }
};

}  // namespace xc::vp8
