#include "media/vpx_encoder.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include "media/error.hpp"
#include "media/seeded_random.hpp"

namespace xc {
namespace {

using testing::Random;

struct Packet {
  bool key_frame;
  std::vector<std::uint8_t> data;

  bool operator==(Packet const&) const = default;
};

PictureSource source_of(std::vector<Picture> const& pictures) {
  return [&pictures, view = PictureView(), i = std::size_t{0}]() mutable -> PictureView const* {
    if (i == pictures.size()) return nullptr;
    view = pictures[i++].view();
    return &view;
  };
}

std::vector<Packet> encode(EncoderSettings const& settings, std::vector<Picture> const& pictures) {
  VideoFormat const format{pictures[0].width(), pictures[0].height(), 25, 1};
  auto statistics = run_first_pass(settings, format, source_of(pictures));
  std::vector<Packet> packets;
  run_second_pass(settings, format, statistics, source_of(pictures), [&](EncodedPacket const& p) {
    packets.push_back({p.key_frame, {p.data.begin(), p.data.end()}});
  });
  return packets;
}

// Noise that has nothing to do with the noise before it: a scene cut at every frame.
std::vector<Picture> scene_cuts(Random& random, int width, int height) {
  std::vector<Picture> pictures(6);
  for (Picture& picture : pictures)
    picture = random.picture(width, height);
  return pictures;
}

// Smooth pictures, first dark and then bright: a dark one is of no use for a bright one.
std::vector<Picture> dark_then_bright(int width, int height) {
  std::vector<Picture> pictures;
  for (int number = 0; number < 6; ++number) {
    std::vector<std::uint8_t> samples(i420_size(width, height), 128);
    for (int i = 0; i < width * height; ++i) {
      int const slope = i % width / 2;
      samples[static_cast<std::size_t>(i)] =
          static_cast<std::uint8_t>(number < 3 ? 30 + slope : 220 - slope);
    }
    pictures.emplace_back(width, height, std::move(samples));
  }
  return pictures;
}

int shown_frames(std::vector<Packet> const& packets) {
  vpx_codec_ctx_t codec{};
  EXPECT_EQ(vpx_codec_dec_init(&codec, vpx_codec_vp8_dx(), nullptr, 0), VPX_CODEC_OK);
  int shown = 0;
  for (Packet const& packet : packets) {
    EXPECT_EQ(vpx_codec_decode(&codec, packet.data.data(),
                               static_cast<unsigned>(packet.data.size()), nullptr, 0),
              VPX_CODEC_OK);
    vpx_codec_iter_t position = nullptr;
    while (vpx_codec_get_frame(&codec, &position) != nullptr)
      ++shown;
  }
  vpx_codec_destroy(&codec);
  return shown;
}

TEST(VpxEncoder, GivesOneFrameForEachPictureAtAnySize) {
  XC_TRACE_SEED();
  Random random;
  for (int round = 0; round < 6; ++round) {
    auto const pictures = scene_cuts(random, random.between(1, 70), random.between(1, 70));
    std::vector<Packet> const packets = encode({}, pictures);
    EXPECT_EQ(packets.size(), pictures.size());
    EXPECT_TRUE(packets.front().key_frame);
    EXPECT_EQ(shown_frames(packets), static_cast<int>(pictures.size()));
  }
}

TEST(VpxEncoder, GivesTheSameBytesEveryTime) {
  XC_TRACE_SEED();
  Random random(1);
  auto const pictures = scene_cuts(random, 40, 30);
  EXPECT_EQ(encode({}, pictures), encode({}, pictures));
}

TEST(VpxEncoder, ShowsEachPictureWithALookaheadToo) {
  XC_TRACE_SEED();
  Random random(2);
  auto const pictures = scene_cuts(random, 40, 30);
  EncoderSettings settings;
  settings.lag_in_frames = 5;
  EXPECT_EQ(shown_frames(encode(settings, pictures)), static_cast<int>(pictures.size()));
}

TEST(VpxEncoder, SetsNoSecondKeyFrameWhenToldNotTo) {
  XC_TRACE_SEED();
  Random random(3);
  auto const pictures = scene_cuts(random, 40, 30);
  EncoderSettings settings;
  settings.kf_max_dist = 2;
  auto const key_frames = [&](KeyFrames mode) {
    settings.key_frames = mode;
    return std::ranges::count_if(encode(settings, pictures), &Packet::key_frame);
  };
  EXPECT_GT(key_frames(KeyFrames::kAuto), 1);
  EXPECT_EQ(key_frames(KeyFrames::kFirstOnly), 1);
}

TEST(VpxEncoder, MarkedCutsAreKeyFramesUnlessThereAreToBeNone) {
  auto const pictures = dark_then_bright(64, 48);
  EncoderSettings settings;
  settings.mark_changes = true;
  auto const packets = encode(settings, pictures);
  for (std::size_t i = 0; i < packets.size(); ++i)
    EXPECT_EQ(packets[i].key_frame, i == 0 || i == 3) << i;
  settings.key_frames = KeyFrames::kFirstOnly;
  EXPECT_EQ(std::ranges::count_if(encode(settings, pictures), &Packet::key_frame), 1);
}

TEST(VpxEncoder, AFrameRateThatLibvpxDoesNotTakeIsBadInput) {
  Picture const picture(16, 16);
  std::vector<Picture> const pictures{picture};
  EXPECT_THROW(run_first_pass({}, {16, 16, 2000000000, 1}, source_of(pictures)), BadInput);
}

}  // namespace
}  // namespace xc
