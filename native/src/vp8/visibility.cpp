#include "vp8/visibility.hpp"

#include <algorithm>
#include <numeric>

namespace xc::vp8 {
namespace {

constexpr std::uint32_t kOne = 256;

// 64 times the sum of squared differences from the mean, over 8x8 samples: 4096 times the variance.
std::uint32_t scaled_variance(std::uint8_t const* samples, std::ptrdiff_t stride) {
  std::uint32_t sum = 0;
  std::uint32_t squares = 0;
  for (int y = 0; y < 8; ++y, samples += stride) {
    for (int x = 0; x < 8; ++x) {
      sum += samples[x];
      squares += static_cast<std::uint32_t>(samples[x] * samples[x]);
    }
  }
  return 64 * squares - sum * sum;
}

// The largest number whose square is not above `value`.
std::uint32_t root(std::uint64_t value) {
  std::uint64_t found = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
    if ((found + bit) * (found + bit) <= value) found += bit;
  }
  return static_cast<std::uint32_t>(found);
}

// SSIM divides by twice the variance and (0.03 * 255)^2.
std::uint32_t raw_visibility(FrameBuffer const& picture, int row, int column) {
  auto const luma = picture.plane(0);
  std::uint64_t sum = 0;
  for (int y = 0; y < 16; y += 8) {
    for (int x = 0; x < 16; x += 8) {
      auto const variance =
          scaled_variance(luma.row(16 * row + y) + 16 * column + x, luma.stride) / 4096;
      sum += (std::uint64_t{1} << 32) / (2 * variance + 58);
    }
  }
  return root(sum);
}

}  // namespace

Visibility visibility_of(FrameBuffer const& picture) {
  int const rows = picture.plane(0).height / 16;
  int const columns = picture.plane(0).width / 16;
  std::vector<std::uint32_t> raw;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column)
      raw.push_back(raw_visibility(picture, row, column));
  }
  auto const sum = std::accumulate(raw.begin(), raw.end(), std::uint64_t{0});
  auto const mean = std::max<std::uint64_t>(1, sum / raw.size());
  Visibility visibility;
  for (auto const value : raw) {
    // The root of a root is a compromise with PSNR.
    auto const relative = root(std::uint64_t{value} * kOne / mean * kOne);
    visibility.push_back(static_cast<std::uint16_t>(std::clamp(relative, kOne / 4, 4 * kOne)));
  }
  return visibility;
}

}  // namespace xc::vp8
