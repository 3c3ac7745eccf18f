#include "vp8/mode_change.hpp"

#include <algorithm>

#include "vp8/mode_writer.hpp"

namespace xc::vp8 {
namespace {

MacroblockMode name_of(MotionVector mv, MvContext const& context) {
  if (mv.is_zero()) return MacroblockMode::kZero;
  if (mv == context.nearest) return MacroblockMode::kNearest;
  if (mv == context.near) return MacroblockMode::kNear;
  return MacroblockMode::kNew;
}

void predict_from_same_place(MacroblockHeader& mb) {
  mb.mode = MacroblockMode::kZero;
  mb.mv = {};
  mb.subblock_mvs.fill({});
}

// A vector that cannot be named is given up for a prediction that is worse but possible.
void name_anew(MacroblockHeader& mb, MvContext const& context) {
  if (mb.mode == MacroblockMode::kSplit) {
    bool const possible = std::all_of(
        mb.subblock_mvs.begin(), mb.subblock_mvs.end(),
        [&](MotionVector mv) { return mv.is_zero() || is_expressible(mv, context.best); });
    if (!possible) predict_from_same_place(mb);
    return;
  }
  mb.mode = name_of(mb.mv, context);
  if (mb.mode == MacroblockMode::kNew && !is_expressible(mb.mv, context.best)) {
    predict_from_same_place(mb);
  }
}

}  // namespace

MacroblockGrid predict_from_last_only(MacroblockGrid grid, SignBias const& sign_bias) {
  for (int row = 0; row < grid.rows(); ++row) {
    for (int column = 0; column < grid.columns(); ++column) {
      auto& mb = grid.row(row)[column];
      if (!mb.is_inter()) continue;
      mb.reference = ReferenceFrame::kLast;
      auto const bounds = MvBounds::of_macroblock(row, column, grid.rows(), grid.columns());
      name_anew(mb, MvContext::of(&mb, grid.stride(), sign_bias, bounds));
    }
  }
  return grid;
}

}  // namespace xc::vp8
