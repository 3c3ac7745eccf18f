#include "vp8/padded_picture.hpp"

#include <cstring>

namespace xc::vp8 {
namespace {

void copy_padded(PlaneView const& from, MutablePlaneView const& to) {
  auto const width = static_cast<std::size_t>(from.width);
  auto const extra = static_cast<std::size_t>(to.width) - width;
  for (int y = 0; y < to.height; ++y) {
    auto* row = to.row(y);
    if (y < from.height) {
      std::memcpy(row, from.row(y), width);
      std::memset(row + width, row[width - 1], extra);
    } else {
      std::memcpy(row, to.row(from.height - 1), static_cast<std::size_t>(to.width));
    }
  }
}

}  // namespace

std::shared_ptr<FrameBuffer const> padded(PictureView const& picture) {
  auto buffer = std::make_shared<FrameBuffer>(picture.width(), picture.height());
  copy_padded(picture.y, buffer->plane(0));
  copy_padded(picture.u, buffer->plane(1));
  copy_padded(picture.v, buffer->plane(2));
  return buffer;
}

}  // namespace xc::vp8
