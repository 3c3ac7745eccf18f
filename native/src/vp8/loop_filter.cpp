#include "vp8/loop_filter.hpp"

#include <algorithm>

namespace xc::vp8 {
namespace {

std::uint8_t clamp_level(int level) {
  return static_cast<std::uint8_t>(std::clamp(level, 0, 63));
}

int segment_level(FrameHeader const& header, Segmentation const& segmentation,
                  std::size_t segment) {
  if (!header.segmentation.enabled) return header.filter.level;
  int const value = segmentation.filter_level[segment];
  return clamp_level(segmentation.absolute ? value : header.filter.level + value);
}

// §15.2: sharper filters look for smaller steps beside the edge.
int interior_limit(int level, int sharpness) {
  int limit = level >> ((sharpness > 0 ? 1 : 0) + (sharpness > 4 ? 1 : 0));
  if (sharpness > 0) limit = std::min(limit, 9 - sharpness);
  return std::max(limit, 1);
}

int high_variance_threshold(int level, bool key_frame) {
  if (key_frame) return level >= 40 ? 2 : level >= 15 ? 1 : 0;
  return level >= 40 ? 3 : level >= 20 ? 2 : level >= 15 ? 1 : 0;
}

// Index into the mode deltas; intra modes but kSubblocks have none.
constexpr std::size_t kSubblocksDelta = 0;
constexpr std::size_t kZeroDelta = 1;
constexpr std::size_t kOtherMvDelta = 2;
constexpr std::size_t kSplitDelta = 3;

std::size_t delta_of(MacroblockMode mode) {
  switch (mode) {
    case MacroblockMode::kSubblocks:
      return kSubblocksDelta;
    case MacroblockMode::kSplit:
      return kSplitDelta;
    case MacroblockMode::kNearest:
    case MacroblockMode::kNear:
    case MacroblockMode::kNew:
      return kOtherMvDelta;
    default:
      return kZeroDelta;
  }
}

}  // namespace

LoopFilter::LoopFilter(Kernels const& kernels, FrameHeader const& header, DecoderState const& state)
    : kernels_(kernels), off_(header.filter.level == 0), simple_(header.filter.simple) {
  for (int level = 0; level < 64; ++level) {
    int const interior = interior_limit(level, header.filter.sharpness);
    int const threshold = high_variance_threshold(level, header.key_frame);
    strengths_[static_cast<std::size_t>(level)] = {
        {(level + 2) * 2 + interior, interior, threshold},
        {level * 2 + interior, interior, threshold}};
  }
  for (std::size_t segment = 0; segment < 4; ++segment) {
    int const base = segment_level(header, state.segmentation, segment);
    for (std::size_t reference = 0; reference < 4; ++reference) {
      for (std::size_t mode = 0; mode < 4; ++mode) {
        int level = base;
        if (header.filter.deltas_enabled) {
          level += state.filter_deltas.reference[reference];
          bool const has_mode_delta = reference != 0 || mode == kSubblocksDelta;
          if (has_mode_delta) level += state.filter_deltas.mode[mode];
        }
        levels_[segment][reference][mode] = clamp_level(level);
      }
    }
  }
}

std::uint8_t LoopFilter::level(MacroblockHeader const& mb) const {
  return levels_[mb.segment][static_cast<std::size_t>(mb.reference)][delta_of(mb.mode)];
}

void LoopFilter::filter(FrameBuffer& picture, int row, int column, std::uint8_t level,
                        bool inner) const {
  if (level == 0) return;
  auto const& strength = strengths_[level];
  if (simple_) {
    filter_simple(picture, row, column, strength, inner);
  } else {
    filter_normal(picture, row, column, strength, inner);
  }
}

void LoopFilter::filter_normal(FrameBuffer& picture, int row, int column, Strength const& strength,
                               bool inner) const {
  auto const& luma = picture.plane(0);
  auto const stride = picture.plane(1).stride;
  auto* y = luma.row(16 * row) + 16 * column;
  auto* u = picture.plane(1).row(8 * row) + 8 * column;
  auto* v = picture.plane(2).row(8 * row) + 8 * column;
  for (std::size_t direction = 0; direction < 2; ++direction) {
    if ((direction == 0 ? column : row) > 0) {
      kernels_.filter_luma_edge[direction](y, luma.stride, strength.edge);
      kernels_.filter_chroma_edge[direction](u, v, stride, strength.edge);
    }
    if (inner) {
      kernels_.filter_luma_inner[direction](y, luma.stride, strength.inner);
      kernels_.filter_chroma_inner[direction](u, v, stride, strength.inner);
    }
  }
}

void LoopFilter::filter_simple(FrameBuffer& picture, int row, int column, Strength const& strength,
                               bool inner) const {
  auto const& luma = picture.plane(0);
  auto* y = luma.row(16 * row) + 16 * column;
  for (std::size_t direction = 0; direction < 2; ++direction) {
    if ((direction == 0 ? column : row) > 0) {
      kernels_.filter_simple_edge[direction](y, luma.stride, strength.edge);
    }
    if (inner) kernels_.filter_simple_inner[direction](y, luma.stride, strength.inner);
  }
}

}  // namespace xc::vp8
