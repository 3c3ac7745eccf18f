#include "vp8/inter_prediction.hpp"

#include <algorithm>
#include <cstring>

namespace xc::vp8 {
namespace {

// What the six-tap filters look at beside the block.
constexpr int kBefore = 2;
constexpr int kBehind = 3;
constexpr int kPatchStride = 32;
constexpr int kPatchRows = 16 + kBefore + kBehind;

// Index into the kernels' arrays.
std::size_t by_width(int width) {
  return width == 16 ? 0 : width == 8 ? 1 : 2;
}

bool inside_border(PlaneView const& plane, int x, int y, int width, int height) {
  constexpr int kBorder = FrameBuffer::kBorder;
  return x - kBefore >= -kBorder && y - kBefore >= -kBorder &&
         x + width + kBehind <= plane.width + kBorder &&
         y + height + kBehind <= plane.height + kBorder;
}

// Copies a block and what the filters need around it, repeating the plane's edge.
void copy_patch(PlaneView const& plane, int x, int y, int width, int height, std::uint8_t* patch) {
  for (int row = 0; row < height; ++row) {
    auto const* line = plane.row(std::clamp(y + row, 0, plane.height - 1));
    auto* out = patch + row * kPatchStride;
    for (int column = 0; column < width; ++column) {
      out[column] = line[std::clamp(x + column, 0, plane.width - 1)];
    }
  }
}

MotionVector in_eighths(MotionVector quarters) {
  return quarters + quarters;
}

// The average of the vectors of four luma subblocks, in eighths of a chroma sample (§18).
MotionVector average(MacroblockHeader const& mb, std::size_t first) {
  auto const mean = [](int sum) {
    return static_cast<std::int16_t>((sum + (sum < 0 ? -2 : 2)) / 4);
  };
  int row = 0;
  int column = 0;
  for (std::size_t i : {first, first + 1, first + 4, first + 5}) {
    row += mb.subblock_mvs[i].row;
    column += mb.subblock_mvs[i].column;
  }
  return {mean(row), mean(column)};
}

}  // namespace

InterPredictor::InterPredictor(Kernels const& kernels, std::uint8_t version)
    : kernels_(kernels),
      filters_(version == 0 ? kernels.sixtap : kernels.bilinear),
      full_pixel_chroma_(version == 3) {}

void InterPredictor::predict(MacroblockHeader const& mb, int row, int column,
                             FrameBuffer const& reference, FrameBuffer& target) const {
  if (mb.mode == MacroblockMode::kSplit) {
    predict_split_luma(mb, row, column, reference, target);
    predict_split_chroma(mb, row, column, reference, target);
  } else {
    predict_whole(mb, row, column, reference, target);
  }
}

void InterPredictor::predict_block(Place const& place, MotionVector eighths,
                                   FrameBuffer const& reference, FrameBuffer& target) const {
  auto const source = reference.plane(place.plane);
  auto const& out = target.plane(place.plane);
  int const x = place.x + (eighths.column >> 3);
  int const y = place.y + (eighths.row >> 3);
  int const x_fraction = eighths.column & 7;
  int const y_fraction = eighths.row & 7;
  auto const width = by_width(place.width);
  auto const filter = (x_fraction | y_fraction) == 0 ? kernels_.copy[width] : filters_[width];
  auto* block = out.row(place.y) + place.x;
  if (inside_border(source, x, y, place.width, place.height)) [[likely]] {
    filter(block, out.stride, source.row(y) + x, source.stride, place.height, x_fraction,
           y_fraction);
    return;
  }
  // Kernels may load whole vectors, so there is room behind the last row.
  alignas(32) std::uint8_t patch[(kPatchRows + 1) * kPatchStride];
  copy_patch(source, x - kBefore, y - kBefore, place.width + kBefore + kBehind,
             place.height + kBefore + kBehind, patch);
  filter(block, out.stride, patch + kBefore * kPatchStride + kBefore, kPatchStride, place.height,
         x_fraction, y_fraction);
}

MotionVector InterPredictor::chroma_vector(MotionVector mv) const {
  if (!full_pixel_chroma_) return mv;
  return {static_cast<std::int16_t>(mv.row & ~7), static_cast<std::int16_t>(mv.column & ~7)};
}

// A quarter of a luma sample is an eighth of a chroma sample.
void InterPredictor::predict_whole(MacroblockHeader const& mb, int row, int column,
                                   FrameBuffer const& reference, FrameBuffer& target) const {
  predict_block({0, 16 * column, 16 * row, 16, 16}, in_eighths(mb.mv), reference, target);
  auto const chroma = chroma_vector(mb.mv);
  for (std::size_t plane : {std::size_t{1}, std::size_t{2}}) {
    predict_block({plane, 8 * column, 8 * row, 8, 8}, chroma, reference, target);
  }
}

void InterPredictor::predict_split_luma(MacroblockHeader const& mb, int row, int column,
                                        FrameBuffer const& reference, FrameBuffer& target) const {
  bool const quarters = mb.partition != SplitPartition::kSixteenths;
  int const size = quarters ? 8 : 4;
  for (int y = 0; y < 16; y += size) {
    for (int x = 0; x < 16; x += size) {
      auto const mv = mb.subblock_mvs[static_cast<std::size_t>(y + x / 4)];
      predict_block({0, 16 * column + x, 16 * row + y, size, size}, in_eighths(mv), reference,
                    target);
    }
  }
}

void InterPredictor::predict_split_chroma(MacroblockHeader const& mb, int row, int column,
                                          FrameBuffer const& reference, FrameBuffer& target) const {
  for (std::size_t i : {0U, 2U, 8U, 10U}) {
    auto const chroma = chroma_vector(average(mb, i));
    int const x = 8 * column + static_cast<int>(i & 3) * 2;
    int const y = 8 * row + static_cast<int>(i >> 2) * 2;
    for (std::size_t plane : {std::size_t{1}, std::size_t{2}}) {
      predict_block({plane, x, y, 4, 4}, chroma, reference, target);
    }
  }
}

}  // namespace xc::vp8
