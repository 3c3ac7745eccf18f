#include "media/picture.hpp"

#include <algorithm>
#include <utility>

#include "media/error.hpp"

namespace xc {
namespace {

template <typename Sample>
BasicPictureView<Sample> planes_of(Sample* samples, int width, int height) {
  int const chroma_width = chroma_size(width);
  int const chroma_height = chroma_size(height);
  auto const luma_samples = static_cast<std::ptrdiff_t>(width) * height;
  auto const chroma_samples = static_cast<std::ptrdiff_t>(chroma_width) * chroma_height;
  Sample* const u = samples + luma_samples;
  return {{samples, width, width, height},
          {u, chroma_width, chroma_width, chroma_height},
          {u + chroma_samples, chroma_width, chroma_width, chroma_height}};
}

void copy_plane(PlaneView const& from, MutablePlaneView const& to) {
  for (int y = 0; y < from.height; ++y)
    std::copy_n(from.row(y), from.width, to.row(y));
}

}  // namespace

Picture::Picture(int width, int height)
    : width_(width), height_(height), samples_(i420_size(width, height)) {}

Picture::Picture(int width, int height, std::vector<std::uint8_t> samples)
    : width_(width), height_(height), samples_(std::move(samples)) {
  if (samples_.size() != i420_size(width, height)) {
    throw InternalError("a picture was made from the wrong number of samples");
  }
}

Picture::Picture(PictureView const& from) : Picture(from.width(), from.height()) {
  MutablePictureView const to = view();
  copy_plane(from.y, to.y);
  copy_plane(from.u, to.u);
  copy_plane(from.v, to.v);
}

PictureView Picture::view() const {
  return planes_of(samples_.data(), width_, height_);
}

MutablePictureView Picture::view() {
  return planes_of(samples_.data(), width_, height_);
}

std::vector<std::uint8_t> Picture::release() {
  width_ = 0;
  height_ = 0;
  return std::exchange(samples_, {});
}

}  // namespace xc
