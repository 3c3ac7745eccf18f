#include "media/picture_view.hpp"

#include <gtest/gtest.h>

namespace xc {
namespace {

TEST(PictureView, ChromaOfAnOddSizeIsRoundedUp) {
  EXPECT_EQ(chroma_size(1), 1);
  EXPECT_EQ(chroma_size(2), 1);
  EXPECT_EQ(chroma_size(175), 88);
}

}  // namespace
}  // namespace xc
