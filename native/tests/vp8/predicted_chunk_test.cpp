#include "vp8/predicted_chunk.hpp"

#include <gtest/gtest.h>

#include "media/error.hpp"
#include "media/expect_error.hpp"
#include "vp8/padded_picture.hpp"
#include "vp8/synthetic_clip.hpp"

namespace xc::vp8 {
namespace {

std::vector<Frame> prediction(int width, int height, int pictures) {
  std::vector<Picture> clip;
  for (int i = 0; i < pictures; ++i)
    clip.push_back(synthetic_picture(width, height, i));
  return encode_with_libvpx(clip, {});
}

std::shared_ptr<FrameBuffer const> source(int width, int height) {
  return padded(synthetic_picture(width, height, 1).view());
}

TEST(PredictedChunk, a_source_that_does_not_fit_the_prediction_is_refused) {
  auto const frames = prediction(32, 32, 3);
  XC_EXPECT_ERROR(take_apart(frames, 1, {source(32, 32)}), BadInput, "source has 1");
  XC_EXPECT_ERROR(take_apart(frames, 1, {source(32, 32), source(32, 48)}), BadInput, "32x48");
  XC_EXPECT_ERROR(take_apart(frames, 3, {}), BadInput, "nothing is left");
}

TEST(PredictedChunk, a_source_that_does_not_fit_is_refused_where_pictures_are_only_repeated) {
  auto const key_frame = prediction(32, 32, 1).front();
  XC_EXPECT_ERROR(take_apart({key_frame, Frame{}}, 1, {source(16, 16)}), BadInput, "16x16");
}

TEST(PredictedChunk, a_prediction_must_begin_with_a_key_frame) {
  auto const frames = prediction(32, 32, 3);
  for (auto const& first : {frames[1], Frame{}}) {
    XC_EXPECT_ERROR(take_apart({first, frames[2]}, 1, {source(32, 32)}), BadInput,
                    "frame 0: the prediction does not begin with a key frame");
  }
}

TEST(PredictedChunk, the_size_does_not_change_within_it) {
  Frame const first = prediction(32, 32, 1).front();
  Frame const other = prediction(48, 32, 1).front();
  XC_EXPECT_ERROR(take_apart({first, other}, 1, {source(48, 32)}), BadInput,
                  "frame 1: the picture's size changes from 32x32 to 48x32");
}

TEST(PredictedChunk, bytes_are_kept_from_the_first_key_frame_on) {
  auto frames = prediction(32, 32, 3);
  frames.push_back(frames[0]);
  frames.push_back(frames[1]);
  auto const chunk = take_apart(frames, 1, {4, source(32, 32)});
  ASSERT_EQ(chunk.frames.size(), 4U);
  EXPECT_TRUE(chunk.frames[0].bytes.empty());
  EXPECT_TRUE(chunk.frames[1].bytes.empty());
  EXPECT_EQ(chunk.frames[2].bytes, frames[3]);
  EXPECT_EQ(chunk.frames[3].bytes, frames[4]);
}

}  // namespace
}  // namespace xc::vp8
