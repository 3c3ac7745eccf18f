// A planar 4:2:0 picture that somebody else owns: what Y4M, the metrics and the codec pass around.
// Width and height are those of the luma plane; odd sizes round the chroma planes up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace xc {

template <typename Sample>
struct BasicPlaneView {
  Sample* data = nullptr;
  std::ptrdiff_t stride = 0;  // in samples; rows may lie farther apart than the width
  int width = 0;
  int height = 0;

  [[nodiscard]] Sample* row(int y) const { return data + y * stride; }

  // A view that may write can be passed where one that only reads is wanted.
  operator BasicPlaneView<Sample const>() const requires(!std::is_const_v<Sample>) {
    return {data, stride, width, height};
  }
};

template <typename Sample>
struct BasicPictureView {
  BasicPlaneView<Sample> y;
  BasicPlaneView<Sample> u;
  BasicPlaneView<Sample> v;

  [[nodiscard]] int width() const { return y.width; }
  [[nodiscard]] int height() const { return y.height; }

  operator BasicPictureView<Sample const>() const requires(!std::is_const_v<Sample>) {
    return {y, u, v};
  }
};

using PlaneView = BasicPlaneView<std::uint8_t const>;
using MutablePlaneView = BasicPlaneView<std::uint8_t>;
using PictureView = BasicPictureView<std::uint8_t const>;
using MutablePictureView = BasicPictureView<std::uint8_t>;

constexpr int chroma_size(int luma_size) {
  return (luma_size + 1) / 2;
}

inline PlaneView as_const(MutablePlaneView const& plane) {
  return plane;
}

inline PictureView as_const(MutablePictureView const& picture) {
  return picture;
}

}  // namespace xc
