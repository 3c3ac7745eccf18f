#include "media/psnr.hpp"

#include <cmath>
#include <limits>

namespace xc {
namespace {

// A row of at most 16383 samples: the sum fits.
std::uint32_t row_error(std::uint8_t const* a, std::uint8_t const* b, int width) {
  std::uint32_t sum = 0;
  for (int x = 0; x < width; ++x) {
    int const difference = a[x] - b[x];
    sum += static_cast<std::uint32_t>(difference * difference);
  }
  return sum;
}

}  // namespace

SquaredError squared_error(PlaneView const& a, PlaneView const& b) {
  SquaredError error{0, static_cast<std::uint64_t>(a.width) * static_cast<std::uint64_t>(a.height)};
  for (int y = 0; y < a.height; ++y)
    error.sum += row_error(a.row(y), b.row(y), a.width);
  return error;
}

SquaredError squared_error(PictureView const& a, PictureView const& b) {
  SquaredError error = squared_error(a.y, b.y);
  error += squared_error(a.u, b.u);
  error += squared_error(a.v, b.v);
  return error;
}

double psnr(SquaredError const& error) {
  if (error.sum == 0) return std::numeric_limits<double>::infinity();
  double const mean = static_cast<double>(error.sum) / static_cast<double>(error.samples);
  return 10 * std::log10(255.0 * 255.0 / mean);
}

}  // namespace xc
