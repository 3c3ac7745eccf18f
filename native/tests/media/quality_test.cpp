// PSNR and SSIM against their definitions, written down as plainly as possible.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <gtest/gtest.h>

#include "media/psnr.hpp"
#include "media/seeded_random.hpp"
#include "media/ssim.hpp"

namespace xc {
namespace {

using testing::Random;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Moments {
  double mean_a = 0, mean_b = 0, variance_a = 0, variance_b = 0, covariance = 0;
};

Moments moments(PlaneView const& a, PlaneView const& b, int left, int top) {
  Moments m;
  auto const over_window = [&](auto const& add) {
    for (int y = top; y < top + 8; ++y) {
      for (int x = left; x < left + 8; ++x)
        add(a.row(y)[x], b.row(y)[x]);
    }
  };
  over_window([&](double p, double q) {
    m.mean_a += p / 64;
    m.mean_b += q / 64;
  });
  over_window([&](double p, double q) {
    m.variance_a += (p - m.mean_a) * (p - m.mean_a) / 64;
    m.variance_b += (q - m.mean_b) * (q - m.mean_b) / 64;
    m.covariance += (p - m.mean_a) * (q - m.mean_b) / 64;
  });
  return m;
}

double ssim_by_definition(PlaneView const& a, PlaneView const& b) {
  double const c1 = 0.01 * 255 * 0.01 * 255;
  double const c2 = 0.03 * 255 * 0.03 * 255;
  double total = 0;
  int windows = 0;
  for (int top = 0; top + 8 <= a.height; top += 4) {
    for (int left = 0; left + 8 <= a.width; left += 4, ++windows) {
      Moments const m = moments(a, b, left, top);
      total +=
          (2 * m.mean_a * m.mean_b + c1) * (2 * m.covariance + c2) /
          ((m.mean_a * m.mean_a + m.mean_b * m.mean_b + c1) * (m.variance_a + m.variance_b + c2));
    }
  }
  return total / windows;
}

Picture noisy(Picture const& picture, Random& random, int strength) {
  Picture copy = picture;
  for (std::uint8_t& sample : copy.samples()) {
    int const moved = sample + random.between(-strength, strength);
    sample = static_cast<std::uint8_t>(std::clamp(moved, 0, 255));
  }
  return copy;
}

TEST(Ssim, OfEqualPlanesIsExactlyOne) {
  XC_TRACE_SEED();
  Random random;
  for (int round = 0; round < 30; ++round) {
    Picture const picture = random.picture(random.between(1, 60), random.between(1, 60));
    EXPECT_EQ(ssim(picture.view().y, picture.view().y), 1.0);
  }
  EXPECT_EQ(ssim_decibel(1.0), kInfinity);
}

TEST(Ssim, IsThatOfTheDefinition) {
  XC_TRACE_SEED();
  Random random(1);
  for (int round = 0; round < 30; ++round) {
    Picture const a = random.picture(random.between(8, 60), random.between(8, 60));
    Picture const b = noisy(a, random, 60);
    EXPECT_NEAR(ssim(a.view().y, b.view().y), ssim_by_definition(a.view().y, b.view().y), 1e-9);
  }
}

TEST(Ssim, FallsAsNoiseGrows) {
  XC_TRACE_SEED();
  Random random(2);
  Picture const picture = random.picture(64, 64);
  double previous = 1;
  for (int const strength : {4, 16, 64, 255}) {
    double const now = ssim(picture.view().y, noisy(picture, random, strength).view().y);
    EXPECT_LT(now, previous);
    previous = now;
  }
}

TEST(Ssim, IsMeasuredOnPlanesSmallerThanAWindowToo) {
  XC_TRACE_SEED();
  Random random(3);
  for (int width = 1; width < 10; ++width) {
    for (int height = 1; height < 10; ++height) {
      Picture const a = random.picture(width, height);
      double const value = ssim(a.view().y, random.picture(width, height).view().y);
      EXPECT_TRUE(value >= -1 && value <= 1) << width << "x" << height << ": " << value;
    }
  }
}

TEST(Ssim, DecibelsAreThoseOfTheDistanceFromOne) {
  EXPECT_NEAR(ssim_decibel(0.99), 20, 1e-9);
}

TEST(Psnr, OfEqualPicturesIsInfinite) {
  Picture const picture(20, 10);
  EXPECT_EQ(psnr(squared_error(picture.view(), picture.view())), kInfinity);
}

TEST(Psnr, OfAKnownDifferenceIsKnown) {
  Picture const black(20, 10);
  Picture white(20, 10);
  for (std::uint8_t& sample : white.samples())
    sample = 255;
  EXPECT_NEAR(psnr(squared_error(black.view(), std::as_const(white).view())), 0, 1e-12);

  Picture one_off(20, 10);
  one_off.samples()[0] = 1;
  SquaredError const luma = squared_error(black.view().y, std::as_const(one_off).view().y);
  EXPECT_EQ(luma.sum, 1U);
  EXPECT_EQ(luma.samples, 200U);
  EXPECT_EQ(squared_error(black.view(), std::as_const(one_off).view()).samples, 300U);
}

}  // namespace
}  // namespace xc
