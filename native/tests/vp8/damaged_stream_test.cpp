// Damage of every kind must end in pictures or in BadInput: no crash, no hang, no other error. The
// fuzzers in fuzz/ look deeper; these run everywhere, under the sanitizers as well.
#include <gtest/gtest.h>

#include "media/error.hpp"
#include "media/seeded_random.hpp"
#include "vp8/padded_picture.hpp"
#include "vp8/rebase.hpp"
#include "vp8/stream_decoder.hpp"
#include "vp8/synthetic_clip.hpp"

namespace xc::vp8 {
namespace {

using testing::Random;

std::vector<Frame> small_stream() {
  std::vector<Picture> pictures;
  for (int i = 0; i < 5; ++i)
    pictures.push_back(synthetic_picture(50, 34, i));
  return encode_with_libvpx(pictures, {});
}

void damage(Random& random, Frame& frame) {
  // Mostly where it hurts: in the header.
  auto const range = random.chance(0.7) ? std::min<std::size_t>(frame.size(), 40) : frame.size();
  for (int i = random.between(1, 6); i > 0 && range > 0; --i) {
    frame[random.between<std::size_t>(0, range - 1)] = random.between<std::uint8_t>(0, 255);
  }
  if (random.chance(0.2)) frame.resize(random.between<std::size_t>(0, frame.size()));
  // A picture that is large would only take long.
  if (frame.size() > 9 && (frame[0] & 1) == 0) frame[7] = frame[9] = 0;
}

TEST(DamagedStream, is_decoded_or_refused) {
  XC_TRACE_SEED();
  Random random;
  auto const stream = small_stream();
  for (int i = 0; i < 3000; ++i) {
    StreamDecoder decoder;
    for (auto frame : stream) {
      if (random.chance(0.3)) damage(random, frame);
      try {
        decoder.decode(frame);
      } catch (BadInput const&) {
      }
    }
  }
}

TEST(DamagedStream, leaves_the_decoder_as_it_was_where_a_frame_is_refused) {
  auto const stream = small_stream();
  StreamDecoder decoder;
  decoder.decode(stream[0]);
  auto const before = decoder.state();
  EXPECT_THROW(decoder.decode(std::span(stream[1]).first(3)), BadInput);
  EXPECT_EQ(decoder.state(), before);
  EXPECT_EQ(decoder.frames(), 1U);
}

TEST(DamagedStream, is_rebased_or_refused) {
  XC_TRACE_SEED();
  Random random;
  auto const stream = small_stream();
  StreamDecoder start;
  for (auto const& frame : stream)
    start.decode(frame);
  std::vector<std::shared_ptr<FrameBuffer const>> sources;
  for (int i = 1; i < 5; ++i)
    sources.push_back(padded(synthetic_picture(50, 34, i).view()));
  for (int i = 0; i < 1500; ++i) {
    auto frames = stream;
    for (auto& frame : frames) {
      if (random.chance(0.3)) damage(random, frame);
    }
    try {
      auto const rebased =
          Rebase(take_apart({frames.begin(), frames.end()}, 1, sources)).run(start.state());
      StreamDecoder decoder(start.state());
      for (auto const& frame : rebased.frames)
        decoder.decode(frame);
      ASSERT_EQ(decoder.state(), rebased.state) << "in round " << i;
    } catch (BadInput const&) {
    }
  }
}

TEST(DamagedStream, an_empty_frame_shows_the_picture_before_it_again) {
  auto const stream = small_stream();
  StreamDecoder decoder;
  EXPECT_THROW(decoder.decode({}), BadInput);
  auto const shown = decoder.decode(stream[0]);
  EXPECT_EQ(decoder.decode({}), shown);
  EXPECT_EQ(decoder.frames(), 2U);
}

TEST(DamagedStream, an_interframe_without_a_key_frame_is_refused) {
  StreamDecoder decoder;
  EXPECT_THROW(decoder.decode(small_stream()[1]), BadInput);
}

}  // namespace
}  // namespace xc::vp8
