#include "media/ssim.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace xc {
namespace {

constexpr int kStep = 4;
constexpr int kWindow = 8;

// What SSIM needs to know of a block in both planes. 64 samples of 8 bits stay far below 2^32.
struct Sums {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t squares = 0;  // a² + b²
  std::uint32_t products = 0;

  Sums& operator+=(Sums const& other) {
    a += other.a;
    b += other.b;
    squares += other.squares;
    products += other.products;
    return *this;
  }
};

Sums sums_of(PlaneView const& a, PlaneView const& b, int left, int top, int width, int height) {
  Sums sums;
  for (int y = top; y < top + height; ++y) {
    std::uint8_t const* const row_a = a.row(y) + left;
    std::uint8_t const* const row_b = b.row(y) + left;
    for (int x = 0; x < width; ++x) {
      std::uint32_t const p = row_a[x];
      std::uint32_t const q = row_b[x];
      sums.a += p;
      sums.b += q;
      sums.squares += p * p + q * q;
      sums.products += p * q;
    }
  }
  return sums;
}

// The formula with numerator and denominator multiplied by samples⁴, so that integers go in.
double window_ssim(Sums const& sums, int samples) {
  double const n = samples;
  double const c1 = 0.01 * 255 * 0.01 * 255 * n * n;
  double const c2 = 0.03 * 255 * 0.03 * 255 * n * n;
  double const a = sums.a;
  double const b = sums.b;
  double const covariance = n * sums.products - a * b;
  double const variances = n * sums.squares - a * a - b * b;
  return (2 * a * b + c1) * (2 * covariance + c2) / ((a * a + b * b + c1) * (variances + c2));
}

// Each window is four blocks of 4×4, and each block belongs to up to four windows: sum blocks once.
void sum_blocks(PlaneView const& a, PlaneView const& b, int block_row, std::vector<Sums>& blocks) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    blocks[i] = sums_of(a, b, static_cast<int>(i) * kStep, block_row * kStep, kStep, kStep);
  }
}

double sum_of_window_row(std::vector<Sums> const& above, std::vector<Sums> const& below) {
  double total = 0;
  for (std::size_t i = 0; i + 1 < above.size(); ++i) {
    Sums sums = above[i];
    sums += above[i + 1];
    sums += below[i];
    sums += below[i + 1];
    total += window_ssim(sums, kWindow * kWindow);
  }
  return total;
}

double ssim_of_small_planes(PlaneView const& a, PlaneView const& b) {
  int const width = std::min(a.width, kWindow);
  int const height = std::min(a.height, kWindow);
  double total = 0;
  int windows = 0;
  for (int top = 0; top + height <= a.height; top += kStep) {
    for (int left = 0; left + width <= a.width; left += kStep) {
      total += window_ssim(sums_of(a, b, left, top, width, height), width * height);
      ++windows;
    }
  }
  return total / windows;
}

}  // namespace

double ssim(PlaneView const& a, PlaneView const& b) {
  if (a.width < kWindow || a.height < kWindow) return ssim_of_small_planes(a, b);
  int const rows = a.height / kStep;
  auto const columns = static_cast<std::size_t>(a.width / kStep);
  std::vector<Sums> above(columns);
  std::vector<Sums> below(columns);
  double total = 0;
  sum_blocks(a, b, 0, below);
  for (int row = 1; row < rows; ++row) {
    std::swap(above, below);
    sum_blocks(a, b, row, below);
    total += sum_of_window_row(above, below);
  }
  return total / (static_cast<double>(rows - 1) * static_cast<double>(columns - 1));
}

double ssim_decibel(double ssim) {
  if (ssim >= 1) return std::numeric_limits<double>::infinity();
  return -10 * std::log10(1 - ssim);
}

}  // namespace xc
