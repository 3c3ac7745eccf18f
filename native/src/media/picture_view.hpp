// A planar 4:2:0 picture that somebody else owns: what Y4M, the metrics and the codec pass around.
// Width and height are those of the luma plane; odd sizes round the chroma planes up.
#pragma once

#include <cstddef>
#include <cstdint>

namespace xc {

template <typename Sample>
struct BasicPlaneView {
  Sample* data = nullptr;
  std::ptrdiff_t stride = 0;  // in samples; rows may lie farther apart than the width
  int width = 0;
  int height = 0;

  [[nodiscard]] Sample* row(int y) const { return data + y * stride; }
};

template <typename Sample>
struct BasicPictureView {
  BasicPlaneView<Sample> y;
  BasicPlaneView<Sample> u;
  BasicPlaneView<Sample> v;

  [[nodiscard]] int width() const { return y.width; }
  [[nodiscard]] int height() const { return y.height; }
};

using PlaneView = BasicPlaneView<std::uint8_t const>;
using MutablePlaneView = BasicPlaneView<std::uint8_t>;
using PictureView = BasicPictureView<std::uint8_t const>;
using MutablePictureView = BasicPictureView<std::uint8_t>;

constexpr int chroma_size(int luma_size) {
  return (luma_size + 1) / 2;
}

inline PlaneView as_const(MutablePlaneView const& plane) {
  return {plane.data, plane.stride, plane.width, plane.height};
}

inline PictureView as_const(MutablePictureView const& picture) {
  return {as_const(picture.y), as_const(picture.u), as_const(picture.v)};
}

}  // namespace xc
