// An I420 picture that owns its samples: three planes without padding, one after the other, exactly
// the bytes of a Y4M frame. The codec's own pictures, which have borders, are elsewhere (vp8/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "media/picture_view.hpp"

namespace xc {

// Bytes of an I420 picture of this size.
constexpr std::size_t i420_size(int width, int height) {
  auto const luma = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  auto const chroma =
      static_cast<std::size_t>(chroma_size(width)) * static_cast<std::size_t>(chroma_size(height));
  return luma + 2 * chroma;
}

class Picture {
 public:
  Picture() = default;
  Picture(int width, int height);
  // Takes over samples, which must be i420_size(width, height) of them.
  Picture(int width, int height, std::vector<std::uint8_t> samples);
  // Copies, without the padding of the view's rows.
  explicit Picture(PictureView const& view);

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  [[nodiscard]] std::span<std::uint8_t const> samples() const { return samples_; }
  [[nodiscard]] std::span<std::uint8_t> samples() { return samples_; }
  [[nodiscard]] PictureView view() const;
  [[nodiscard]] MutablePictureView view();

  // Gives the samples back, for use in the next picture.
  [[nodiscard]] std::vector<std::uint8_t> release();

  bool operator==(Picture const&) const = default;

 private:
  int width_ = 0;
  int height_ = 0;
  std::vector<std::uint8_t> samples_;
};

}  // namespace xc
