#include "vp8/frame_decoder.hpp"

#include "media/error.hpp"
#include "vp8/mode_reader.hpp"
#include "vp8/quantizer.hpp"
#include "vp8/token_reader.hpp"

namespace xc::vp8 {

// One frame on its way through the decoder.
struct FrameDecoder::Pass {
  FrameDecoder& memory;
  FrameParts& parts;
  DecoderState const& state;
  ModeReader modes;
  Reconstruction reconstruction;
  SegmentFactors factors;
  std::array<BoolDecoder, 8> tokens;

  Pass(FrameDecoder& decoder, FrameParts& frame, DecoderState const& applied, FrameBuffer& target)
      : memory(decoder),
        parts(frame),
        state(applied),
        modes(frame, applied, decoder.grid_),
        reconstruction(decoder.kernels_, frame.header, applied, target, decoder.decisions_),
        factors(segment_factors(frame.header, applied.segmentation)) {
    for (std::size_t i = 0; i < tokens.size(); ++i)
      tokens[i] = BoolDecoder(frame.partitions[i]);
    decoder.above_.assign(static_cast<std::size_t>(state.macroblock_columns()), {});
  }

  void decode() {
    int const rows = memory.grid_.rows();
    for (int row = 0; row < rows; ++row) {
      decode_row(row);
      if (row > 0) filter_row(row - 1);
    }
    filter_row(rows - 1);
  }

  void filter_row(int row) {
    for (int column = 0; column < memory.grid_.columns(); ++column)
      reconstruction.filter(row, column);
    reconstruction.end_filtered_row(row);
  }

  void decode_row(int row) {
    modes.read_row(row);
    reconstruction.begin_row(row);
    TokenContext left;
    auto& decoder = tokens[partition_of_row(row, parts.header.log2_partitions)];
    auto const* headers = memory.grid_.row(row);
    for (int column = 0; column < memory.grid_.columns(); ++column) {
      auto const& mb = headers[column];
      auto& above = memory.above_[static_cast<std::size_t>(column)];
      bool has_coefficients = false;
      if (mb.skips_coefficients) {
        above.reset(mb.is_whole());
        left.reset(mb.is_whole());
      } else {
        has_coefficients = read_tokens(decoder, state.probabilities.coefficients, mb.is_whole(),
                                       factors[mb.segment], above, left, memory.coefficients_);
      }
      rebuild(mb, has_coefficients, row, column);
    }
    reconstruction.end_row(row);
  }

  void rebuild(MacroblockHeader const& mb, bool has_coefficients, int row, int column) {
    auto& coefficients = memory.coefficients_;
    bool const by_subblocks = mb.mode == MacroblockMode::kSubblocks;
    reconstruction.predict(mb, row, column);
    if (by_subblocks) {
      for (std::size_t block = 0; block < 16; ++block) {
        reconstruction.predict_block(mb, row, column, block);
        reconstruction.add_block(coefficients, row, column, block);
      }
    }
    if (has_coefficients) {
      reconstruction.add_residue(mb.is_whole(), !by_subblocks, coefficients, row, column);
      coefficients.clear();
    }
    reconstruction.end_macroblock(mb, has_coefficients, row, column);
  }
};

DecodedFrame FrameDecoder::decode(DecoderState const& state, std::span<std::uint8_t const> frame) {
  auto parts = read_frame_header(frame);
  auto const& header = parts.header;
  if (!header.key_frame && !state.has_pictures()) {
    throw BadInput("an interframe without a key frame before it");
  }
  DecodedFrame decoded{state, nullptr, header.shown};
  auto& next = decoded.state;
  auto const kept_probabilities = next.apply(header);
  if (grid_.rows() != next.macroblock_rows() || grid_.columns() != next.macroblock_columns()) {
    grid_.resize(next.macroblock_rows(), next.macroblock_columns());
  }
  auto picture = pool_.acquire(next.width, next.height);
  Pass pass(*this, parts, next, *picture);
  pass.decode();
  next.probabilities = kept_probabilities;
  next.segmentation.map = segment_map_after(header, next.segmentation.map, grid_);
  next.references.update(header.references, picture);
  decoded.picture = std::move(picture);
  return decoded;
}

}  // namespace xc::vp8
