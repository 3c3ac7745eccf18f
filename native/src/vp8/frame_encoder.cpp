#include "vp8/frame_encoder.hpp"

#include "vp8/mode_reader.hpp"
#include "vp8/probability_search.hpp"
#include "vp8/quantizer.hpp"
#include "vp8/residue_coder.hpp"

namespace xc::vp8 {

// One frame on its way through the encoder.
struct FrameEncoder::Pass {
  FrameEncoder& memory;
  FrameDraft& draft;
  MacroblockGrid const& grid;
  FrameBuffer const& source;
  Visibility const& visibility;
  FrameBuffer& picture;
  SegmentFactors factors;
  Reconstruction reconstruction;
  ResidueCoder coder;
  LevelChoice usual_choice;

  Pass(FrameEncoder& encoder, FrameDraft& result, DecoderState const& applied,
       MacroblockGrid const& modes, FrameGoal const& goal, FrameBuffer& target)
      : memory(encoder),
        draft(result),
        grid(modes),
        source(goal.source),
        visibility(goal.visibility),
        picture(target),
        factors(segment_factors(draft.header, applied.segmentation)),
        reconstruction(encoder.kernels_, draft.header, applied, target, encoder.decisions_),
        coder(encoder.kernels_, factors, goal.source),
        usual_choice(applied.probabilities.coefficients, factors[0].y.ac, goal.bit_worth) {
    memory.above_.assign(static_cast<std::size_t>(grid.columns()), {});
    draft.skips.assign(static_cast<std::size_t>(grid.rows() * grid.columns()), 0);
    draft.tokens.clear(grid.rows());
    for (auto& desk : memory.desks_) {
      desk.tokens.clear();
      desk.modes = {};
    }
  }

  // There is one step more than rows: in each, the row before is filtered.
  void run() {
    memory.wavefront_.run(grid.rows() + 1, [&](std::size_t member, int step, Gate& gate) {
      if (step < grid.rows()) encode_row(memory.desks_[member], step, gate);
      if (step > 0) filter_row(step - 1, gate);
    });
  }

  void filter_row(int row, Gate& gate) {
    for (int column = 0; column < grid.columns(); ++column) {
      gate.enter(grid.columns() + column);
      reconstruction.filter(row, column);
    }
    reconstruction.end_filtered_row(row);
  }

  void encode_row(Desk& desk, int row, Gate& gate) {
    reconstruction.begin_row(row);
    auto& tokens = draft.tokens.row(row);
    auto choice = usual_choice;
    TokenContext left;
    for (int column = 0; column < grid.columns(); ++column) {
      gate.enter(column);
      source.prefetch(row, column);
      auto const& mb = grid.row(row)[column];
      bool const has_coefficients = rebuild(desk, choice, mb, row, column, left);
      auto& above = memory.above_[static_cast<std::size_t>(column)];
      if (has_coefficients) {
        tokens.add(desk.levels, mb.is_whole(), above, left, desk.tokens);
      } else {
        above.reset(mb.is_whole());
        left.reset(mb.is_whole());
        draft.skips[static_cast<std::size_t>(row * grid.columns() + column)] = 1;
      }
      reconstruction.end_macroblock(mb, has_coefficients, row, column);
    }
    reconstruction.end_row(row);
    count_modes(draft.header, grid, row, desk.modes);
  }

  bool rebuild(Desk& desk, LevelChoice& choice, MacroblockHeader const& mb, int row, int column,
               TokenContext left) {
    TokenContext above = memory.above_[static_cast<std::size_t>(column)];
    auto& levels = desk.levels;
    auto& coefficients = desk.coefficients;
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
      coder.code_chroma(picture, mb.segment, row, column, choice, above, left, levels,
                        coefficients);
    } else {
      coder.code_macroblock(picture, mb.segment, mb.is_whole(), row, column, choice, above, left,
                            levels, coefficients);
    }
    bool const any = any_level(levels);
    if (any) {
      reconstruction.add_residue(mb.is_whole(), !by_subblocks, coefficients, row, column);
    }
    return any;
  }
};

FrameEncoder::FrameEncoder(Crew& crew, Kernels const& kernels)
    : kernels_(kernels), wavefront_(crew), desks_(crew.size()) {}

void FrameEncoder::prepare(std::size_t pictures, int width, int height) {
  pool_.prepare(pictures, width, height);
  decisions_.resize(static_cast<std::size_t>(in_macroblocks(width)) *
                    static_cast<std::size_t>(in_macroblocks(height)));
}

DecoderState FrameEncoder::encode(DecoderState const& state, FrameHeader const& header,
                                  MacroblockGrid const& grid, FrameGoal const& goal,
                                  FrameDraft& draft) {
  auto next = state;
  next.apply(header);
  draft.header = header;
  draft.grid = &grid;
  auto const picture = pool_.acquire(next.width, next.height);
  Pass(*this, draft, next, grid, goal, *picture).run();

  auto& counts = desks_[0];
  for (std::size_t i = 1; i < desks_.size(); ++i) {
    counts.tokens.add(desks_[i].tokens);
    counts.modes.add(desks_[i].modes);
  }
  auto const before = next.probabilities;
  choose_coefficient_updates(draft.header, before.coefficients, counts.tokens.by_node());
  choose_mode_updates(draft.header, before, counts.modes);
  choose_skip_probability(draft.header, draft.skips);
  next.probabilities.update(draft.header);
  draft.probabilities = next.probabilities;

  if (!header.refresh_entropy) next.probabilities = before;
  next.segmentation.map = segment_map_after(header, next.segmentation.map, grid);
  next.references.update(header.references, picture);
  return next;
}

}  // namespace xc::vp8
