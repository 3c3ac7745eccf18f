#include "vp8/synthetic_clip.hpp"

#include <gtest/gtest.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include "media/md5.hpp"
#include "vp8/stream_decoder.hpp"

namespace xc::vp8 {
namespace {

// Some noise that depends on the place only.
unsigned texture(unsigned x, unsigned y, unsigned scene) {
  unsigned value = (x / 3 * 73856093U) ^ (y / 3 * 19349663U) ^ (scene * 83492791U + 12345U);
  value ^= value >> 13;
  value *= 0x5bd1e995U;
  return (value >> 15) & 63;
}

std::uint8_t sample(int x, int y, int time, int scene, int plane) {
  auto const drift = static_cast<unsigned>(x + time + 1000);
  int const dx = x - 3 * time % 90;
  int const dy = y - 20;
  bool const in_disc = plane == 0 && dx * dx + dy * dy < 150;
  unsigned const base = static_cast<unsigned>(50 + 37 * scene % 120 + (x + y) / 4 % 60);
  return static_cast<std::uint8_t>(
      in_disc ? 220 - time % 16
              : base + texture(drift, static_cast<unsigned>(y), static_cast<unsigned>(scene)) / 2);
}

void fill(MutablePlaneView const& plane, int time, int scene, int index) {
  for (int y = 0; y < plane.height; ++y) {
    for (int x = 0; x < plane.width; ++x)
      plane.row(y)[x] = sample(x, y, time, scene, index);
  }
}

PictureSource source_of(std::vector<Picture> const& pictures) {
  return [&pictures, view = PictureView(), i = std::size_t{0}]() mutable -> PictureView const* {
    if (i == pictures.size()) return nullptr;
    view = pictures[i++].view();
    return &view;
  };
}

PictureView view_of(vpx_image_t const& image) {
  auto const width = static_cast<int>(image.d_w);
  auto const height = static_cast<int>(image.d_h);
  auto const plane = [&](int i, int w, int h) {
    return PlaneView{image.planes[i], image.stride[i], w, h};
  };
  return {plane(VPX_PLANE_Y, width, height),
          plane(VPX_PLANE_U, chroma_size(width), chroma_size(height)),
          plane(VPX_PLANE_V, chroma_size(width), chroma_size(height))};
}

}  // namespace

Picture synthetic_picture(int width, int height, int time, int scene) {
  Picture picture(width, height);
  auto const view = picture.view();
  fill(view.y, time, scene, 0);
  fill(view.u, time / 2, scene + 1, 1);
  fill(view.v, time / 2, scene + 2, 2);
  return picture;
}

std::vector<Frame> encode_with_libvpx(std::vector<Picture> const& pictures,
                                      EncoderSettings const& settings) {
  VideoFormat const format{pictures[0].width(), pictures[0].height(), 25, 1};
  auto statistics = run_first_pass(settings, format, source_of(pictures));
  std::vector<Frame> frames;
  run_second_pass(settings, format, statistics, source_of(pictures),
                  [&](EncodedPacket const& packet) {
                    frames.emplace_back(packet.data.begin(), packet.data.end());
                  });
  return frames;
}

std::vector<std::string> md5s_by_libvpx(std::vector<Frame> const& frames) {
  vpx_codec_ctx_t codec{};
  EXPECT_EQ(vpx_codec_dec_init(&codec, vpx_codec_vp8_dx(), nullptr, 0), VPX_CODEC_OK);
  std::vector<std::string> sums;
  for (auto const& frame : frames) {
    EXPECT_EQ(
        vpx_codec_decode(&codec, frame.data(), static_cast<unsigned>(frame.size()), nullptr, 0),
        VPX_CODEC_OK);
    vpx_codec_iter_t position = nullptr;
    while (auto const* image = vpx_codec_get_frame(&codec, &position)) {
      sums.push_back(md5(view_of(*image)));
    }
  }
  vpx_codec_destroy(&codec);
  return sums;
}

std::vector<std::string> md5s_by_us(std::vector<Frame> const& frames) {
  StreamDecoder decoder;
  std::vector<std::string> sums;
  for (auto const& frame : frames) {
    auto const picture = decoder.decode(frame);
    if (picture) sums.push_back(md5(picture->shown()));
  }
  return sums;
}

}  // namespace xc::vp8
