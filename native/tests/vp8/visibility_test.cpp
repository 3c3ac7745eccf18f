#include "vp8/visibility.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "media/seeded_random.hpp"
#include "vp8/padded_picture.hpp"
#include "vp8/synthetic_clip.hpp"

namespace xc::vp8 {
namespace {

using testing::Random;

// Smooth on the left, noise on the right.
Picture half_noise(Random& random) {
  auto picture = synthetic_picture(64, 32, 0, 0);
  auto const luma = picture.view().y;
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 64; ++x) {
      luma.row(y)[x] = x < 32 ? 90 : static_cast<std::uint8_t>(random.between(0, 255));
    }
  }
  return picture;
}

TEST(Visibility, errors_are_more_visible_where_the_picture_is_smooth) {
  XC_TRACE_SEED();
  Random random;
  auto const visibility = visibility_of(*padded(half_noise(random).view()));
  ASSERT_EQ(visibility.size(), 8U);
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t column = 0; column < 2; ++column) {
      EXPECT_GT(visibility[4 * row + column], 256);
      EXPECT_LT(visibility[4 * row + column + 2], 256);
    }
  }
}

TEST(Visibility, is_usual_everywhere_in_a_plain_picture) {
  auto picture = synthetic_picture(48, 16, 0, 0);
  auto const luma = picture.view().y;
  for (int y = 0; y < 16; ++y)
    std::fill_n(luma.row(y), 48, std::uint8_t{200});
  EXPECT_EQ(visibility_of(*padded(picture.view())), Visibility(3, 256));
}

}  // namespace
}  // namespace xc::vp8
