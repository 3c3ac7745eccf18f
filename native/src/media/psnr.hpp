// The squared error between two pictures, and PSNR from it.
#pragma once

#include <cstdint>

#include "media/picture_view.hpp"

namespace xc {

// A sum of squared differences over a number of samples. Adding two weighs them by their samples.
struct SquaredError {
  std::uint64_t sum = 0;
  std::uint64_t samples = 0;

  SquaredError& operator+=(SquaredError const& other) {
    sum += other.sum;
    samples += other.samples;
    return *this;
  }
};

// The planes must be of one size.
SquaredError squared_error(PlaneView const& a, PlaneView const& b);
// Of all three planes, weighted by their samples (4 : 1 : 1), as libvpx's overall PSNR is.
SquaredError squared_error(PictureView const& a, PictureView const& b);

// 10·log10(255² / mean squared error); infinity if there is no error.
double psnr(SquaredError const& error);

}  // namespace xc
