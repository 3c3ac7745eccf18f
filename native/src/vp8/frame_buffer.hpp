// A decoded picture as the codec keeps it: three planes in whole macroblocks, each with a border
// around it that repeats its edge, so that motion vectors may point outside (RFC 6386 §5, §18).
//
// What a picture *is* are the samples of the macroblocks; two are equal if those are. Once decoded
// it is never changed, and shared by all the references that it serves as.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "media/picture_view.hpp"

namespace xc::vp8 {

class FrameBuffer {
 public:
  static constexpr int kBorder = 32;     // samples on each side of each plane
  static constexpr int kAlignment = 64;  // bytes, of each row's first sample inside the border

  // Samples are not initialised.
  FrameBuffer(int width, int height);

  // The size that is shown; planes are as large as the macroblocks that cover it.
  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }

  // Luma, then the two chroma planes, in whole macroblocks.
  [[nodiscard]] MutablePlaneView const& plane(std::size_t i) { return planes_[i]; }
  [[nodiscard]] PlaneView plane(std::size_t i) const { return as_const(planes_[i]); }
  // The part that is shown.
  [[nodiscard]] PictureView shown() const;

  // Fills the border left and right of the rows [first, last) of a plane.
  void extend_sides(std::size_t plane, int first, int last);
  // Fills the border above and below all planes, once the sides are there.
  void extend_top_and_bottom();

  // Asks for the samples of macroblocks a little farther on in the row: they come from memory, and
  // nothing else tells the machine which are next.
  void prefetch(int row, int column) const;

  bool operator==(FrameBuffer const& other) const;

 private:
  struct Free {
    void operator()(std::uint8_t* samples) const {
      ::operator delete[](samples, std::align_val_t{kAlignment});
    }
  };

  int width_;
  int height_;
  std::unique_ptr<std::uint8_t[], Free> samples_;
  std::array<MutablePlaneView, 3> planes_;
};

// Keeps the memory of pictures that nobody refers to any more.
class FramePool {
 public:
  // A picture that only the caller refers to.
  std::shared_ptr<FrameBuffer> acquire(int width, int height);
  // Makes `count` pictures and has the system provide their memory now rather than when they are
  // first written to.
  void prepare(std::size_t count, int width, int height);

 private:
  std::vector<std::shared_ptr<FrameBuffer>> buffers_;
};

}  // namespace xc::vp8
