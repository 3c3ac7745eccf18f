#include "vp8/reconstruction.hpp"

#include <algorithm>
#include <cstring>

#include "vp8/intra_prediction.hpp"

namespace xc::vp8 {
namespace {

constexpr int kAboveFrame = 127;
constexpr int kLeftOfFrame = 129;
// The loop filter changes three samples on each side of an edge.
constexpr int kFilterReach = 3;

}  // namespace

Reconstruction::Reconstruction(Kernels const& kernels, FrameHeader const& header,
                               DecoderState const& state, FrameBuffer& target,
                               std::vector<FilterDecision>& decisions)
    : kernels_(kernels),
      references_(state.references),
      target_(target),
      decisions_(decisions),
      inter_(kernels, header.version),
      filter_(kernels, header, state),
      rows_(state.macroblock_rows()),
      columns_(state.macroblock_columns()) {
  decisions_.resize(static_cast<std::size_t>(rows_ * columns_));
  for (std::size_t i = 0; i < 3; ++i) {
    auto const& plane = target_.plane(i);
    // As far as the samples above and to the right of the last macroblock.
    std::memset(plane.row(-1) - 1, kAboveFrame, static_cast<std::size_t>(plane.width + 5));
  }
}

void Reconstruction::begin_row(int row) {
  for (std::size_t i = 0; i < 3; ++i) {
    auto const& plane = target_.plane(i);
    int const height = i == 0 ? 16 : 8;
    for (int y = row * height; y < (row + 1) * height; ++y)
      plane.row(y)[-1] = kLeftOfFrame;
  }
}

void Reconstruction::predict(MacroblockHeader const& mb, int row, int column) {
  if (mb.is_inter()) {
    auto const& reference = references_[mb.reference];
    reference.prefetch(row, column);
    inter_.predict(mb, row, column, reference, target_);
    return;
  }
  if (mb.mode != MacroblockMode::kSubblocks) {
    auto const& luma = target_.plane(0);
    predict_intra(luma.row(16 * row) + 16 * column, luma.stride, 16, mb.mode, row > 0, column > 0);
  }
  for (std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    auto const& plane = target_.plane(i);
    predict_intra(plane.row(8 * row) + 8 * column, plane.stride, 8, mb.chroma_mode, row > 0,
                  column > 0);
  }
}

std::uint8_t* Reconstruction::luma_block(int row, int column, std::size_t block) const {
  auto const& luma = target_.plane(0);
  auto const b = static_cast<int>(block);
  return luma.row(16 * row + 4 * (b >> 2)) + 16 * column + 4 * (b & 3);
}

void Reconstruction::predict_block(MacroblockHeader const& mb, int row, int column,
                                   std::size_t block) {
  auto const stride = target_.plane(0).stride;
  predict_subblock(luma_block(row, column, block), stride, mb.subblock_modes[block],
                   above_right_of(luma_block(row, column, 0), stride, block));
}

void Reconstruction::add_block(MacroblockCoefficients const& coefficients, int row, int column,
                               std::size_t block) {
  if (coefficients.ends[block] == 0) return;
  kernels_.inverse_dct_add(coefficients.blocks[block].data(), luma_block(row, column, block),
                           target_.plane(0).stride);
}

void Reconstruction::add_residue(bool whole, bool with_luma, MacroblockCoefficients& coefficients,
                                 int row, int column) {
  if (whole && coefficients.ends[kY2] != 0) {
    kernels_.inverse_wht(coefficients.blocks[kY2].data(), coefficients.blocks[0].data());
  }
  if (with_luma) add_pairs(coefficients, 0, 16, 4, target_.plane(0), 16 * row, 16 * column);
  add_pairs(coefficients, kFirstU, 4, 2, target_.plane(1), 8 * row, 8 * column);
  add_pairs(coefficients, kFirstV, 4, 2, target_.plane(2), 8 * row, 8 * column);
}

void Reconstruction::add_pairs(MacroblockCoefficients const& coefficients, std::size_t first,
                               std::size_t count, std::size_t per_row,
                               MutablePlaneView const& plane, int row, int column) {
  for (std::size_t i = 0; i < count; i += 2) {
    auto const block = first + i;
    auto const* pair = coefficients.blocks[block].data();
    auto* samples = plane.row(row + 4 * static_cast<int>(i / per_row)) + column +
                    4 * static_cast<int>(i % per_row);
    if (coefficients.ends[block] > 1 || coefficients.ends[block + 1] > 1) {
      kernels_.inverse_dct_add_pair(pair, samples, plane.stride);
    } else if ((pair[0] | pair[16]) != 0) {
      kernels_.inverse_dc_add_pair(pair, samples, plane.stride);
    }
  }
}

void Reconstruction::end_macroblock(MacroblockHeader const& mb, bool has_coefficients, int row,
                                    int column) {
  decisions_[static_cast<std::size_t>(row * columns_ + column)] = {
      filter_.level(mb), has_coefficients || !mb.is_whole()};
}

void Reconstruction::end_row(int row) {
  auto const& luma = target_.plane(0);
  auto* beyond = luma.row(16 * row + 15) + luma.width;
  std::memset(beyond, beyond[-1], 4);
}

void Reconstruction::filter(int row, int column) {
  auto const& decision = decisions_[static_cast<std::size_t>(row * columns_ + column)];
  if (!filter_.is_off()) filter_.filter(target_, row, column, decision.level, decision.inner);
}

void Reconstruction::end_filtered_row(int row) {
  bool const is_last = row + 1 == rows_;
  for (std::size_t i = 0; i < 3; ++i) {
    int const height = i == 0 ? 16 : 8;
    int const first = std::max(0, row * height - kFilterReach);
    int const last = (row + 1) * height - (is_last ? 0 : kFilterReach);
    target_.extend_sides(i, first, last);
  }
  if (is_last) target_.extend_top_and_bottom();
}

}  // namespace xc::vp8
