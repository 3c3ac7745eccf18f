#include "vp8/frame_encoder.hpp"

#include "vp8/intra_mode_choice.hpp"
#include "vp8/mode_reader.hpp"
#include "vp8/probability_search.hpp"
#include "vp8/quantizer.hpp"
#include "vp8/residue_coder.hpp"

namespace xc::vp8 {

// One frame on its way through the encoder.
struct FrameEncoder::Pass {
  FrameEncoder& memory;
  MacroblockGrid const& grid;
  FrameBuffer const& source;
  Visibility const& visibility;
  FrameBuffer& picture;
  SegmentFactors factors;
  Reconstruction reconstruction;
  ResidueCoder coder;
  LevelChoice choice;

  Pass(FrameEncoder& encoder, FrameHeader const& header, DecoderState const& applied,
       MacroblockGrid const& modes, FrameGoal const& goal, FrameBuffer& target)
      : memory(encoder),
        grid(modes),
        source(goal.source),
        visibility(goal.visibility),
        picture(target),
        factors(segment_factors(header, applied.segmentation)),
        reconstruction(encoder.kernels_, header, applied, target, encoder.decisions_),
        coder(encoder.kernels_, factors, goal.source),
        choice(applied.probabilities.coefficients, factors[0].y.ac, goal.bit_worth) {
    memory.above_.assign(static_cast<std::size_t>(grid.columns()), {});
    memory.skips_.assign(static_cast<std::size_t>(grid.rows() * grid.columns()), 0);
    memory.tokens_.clear();
  }

  // `chooser` and `chosen`: null unless modes are still to be chosen; then the latter is the grid.
  void encode_row(int row, IntraModeChoice* chooser, MacroblockGrid* chosen) {
    reconstruction.begin_row(row);
    memory.tokens_.begin_row();
    TokenContext left;
    for (int column = 0; column < grid.columns(); ++column) {
      source.prefetch(row, column);
      if (chooser != nullptr) {
        chooser->choose(chosen->row(row)[column], grid.stride(), row, column, reconstruction, coder,
                        memory.levels_, memory.coefficients_);
      }
      auto const& mb = grid.row(row)[column];
      bool const has_coefficients = rebuild(mb, row, column, left);
      auto& above = memory.above_[static_cast<std::size_t>(column)];
      if (has_coefficients) {
        memory.tokens_.add(memory.levels_, mb.is_whole(), above, left);
      } else {
        above.reset(mb.is_whole());
        left.reset(mb.is_whole());
        memory.skips_[static_cast<std::size_t>(row * grid.columns() + column)] = 1;
      }
      reconstruction.end_macroblock(mb, has_coefficients, row, column);
    }
    reconstruction.end_row(row);
  }

  bool rebuild(MacroblockHeader const& mb, int row, int column, TokenContext left) {
    TokenContext above = memory.above_[static_cast<std::size_t>(column)];
    auto& levels = memory.levels_;
    auto& coefficients = memory.coefficients_;
    auto const of = static_cast<std::size_t>(row * grid.columns() + column);
    choice.look_at(visibility[of]);
    bool const by_subblocks = mb.mode == MacroblockMode::kSubblocks;
    reconstruction.predict(mb, row, column);
    if (by_subblocks) {
      levels.ends[kY2] = coefficients.ends[kY2] = 0;
      for (std::size_t block = 0; block < 16; ++block) {
        reconstruction.predict_block(mb, row, column, block);
        coder.code_block(picture, mb.segment, row, column, block, choice, above, left, levels,
                         coefficients);
        reconstruction.add_block(coefficients, row, column, block);
      }
    } else {
      coder.code_luma(picture, mb.segment, mb.is_whole(), row, column, choice, above, left, levels,
                      coefficients);
    }
    coder.code_chroma(picture, mb.segment, row, column, choice, above, left, levels, coefficients);
    bool const any = any_level(levels);
    if (any) {
      reconstruction.add_residue(mb.is_whole(), !by_subblocks, coefficients, row, column);
    }
    return any;
  }
};

// A frame that is made, the one that it is predicted from, and one that the caller still holds.
void FrameEncoder::prepare(int width, int height) {
  constexpr std::size_t kPictures = 3;
  pool_.prepare(kPictures, width, height);
  auto const macroblocks = static_cast<std::size_t>(in_macroblocks(width)) *
                           static_cast<std::size_t>(in_macroblocks(height));
  tokens_.reserve(macroblocks);
  decisions_.resize(macroblocks);
  skips_.assign(macroblocks, 0);
}

EncodedFrame FrameEncoder::run(DecoderState const& state, FrameHeader header,
                               MacroblockGrid const& grid, MacroblockGrid* chosen,
                               FrameGoal const& goal) {
  EncodedFrame encoded{state, {}};
  auto& next = encoded.state;
  next.apply(header);
  auto const picture = pool_.acquire(next.width, next.height);
  Pass pass(*this, header, next, grid, goal, *picture);
  IntraModeChoice chooser(goal.source, *picture, pass.factors[0].y.ac);
  for (int row = 0; row < grid.rows(); ++row) {
    pass.encode_row(row, chosen != nullptr ? &chooser : nullptr, chosen);
  }
  auto const before = next.probabilities;
  choose_coefficient_updates(header, before.coefficients, tokens_.counts());
  choose_mode_updates(header, before, count_modes(header, grid));
  choose_skip_probability(header, skips_);
  next.probabilities.update(header);
  encoded.bytes = writer_.write(header, next.probabilities, grid, skips_, tokens_);

  if (!header.refresh_entropy) next.probabilities = before;
  next.segmentation.map = segment_map_after(header, next.segmentation.map, grid);
  next.references.update(header.references, picture);
  return encoded;
}

EncodedFrame FrameEncoder::encode(DecoderState const& state, FrameHeader header,
                                  MacroblockGrid const& grid, FrameGoal const& goal) {
  return run(state, header, grid, nullptr, goal);
}

EncodedFrame FrameEncoder::encode_key_frame(DecoderState const& state, FrameHeader header,
                                            FrameGoal const& goal) {
  chosen_.resize(in_macroblocks(header.height), in_macroblocks(header.width));
  return run(state, header, chosen_, &chosen_, goal);
}

}  // namespace xc::vp8
