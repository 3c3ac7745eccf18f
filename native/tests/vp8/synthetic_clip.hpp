// Moving pictures for tests, and their encoding by libvpx.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "media/picture.hpp"
#include "media/vpx_encoder.hpp"

namespace xc::vp8 {

using Frame = std::vector<std::uint8_t>;

// A texture that drifts, with a disc that moves across it. Each scene has a texture of its own;
// pictures of one scene are alike.
Picture synthetic_picture(int width, int height, int time, int scene = 0);

std::vector<Frame> encode_with_libvpx(std::vector<Picture> const& pictures,
                                      EncoderSettings const& settings);

// What libvpx's decoder shows, as MD5s.
std::vector<std::string> md5s_by_libvpx(std::vector<Frame> const& frames);
// What ours shows.
std::vector<std::string> md5s_by_us(std::vector<Frame> const& frames);

}  // namespace xc::vp8
