// Streams as the fuzz targets take them: frames, each with its size in two bytes (little-endian) in
// front.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "media/bytes.hpp"

namespace xc::fuzz {

using Bytes = std::span<std::uint8_t const>;

inline constexpr std::size_t kSizeBytes = 2;

// Huge pictures are allowed but slow, and show nothing that small ones do not.
inline std::vector<std::uint8_t> with_small_picture(Bytes frame) {
  constexpr std::size_t kKeyFrameHeaderSize = 10;
  constexpr std::size_t kDimensionsOffset = 6;
  std::vector<std::uint8_t> small(frame.begin(), frame.end());
  bool const key_frame = small.size() >= kKeyFrameHeaderSize && (small[0] & 1) == 0;
  if (key_frame) {
    small[kDimensionsOffset + 1] &= 0xc0;  // the scaling bits stay
    small[kDimensionsOffset + 3] &= 0xc0;
  }
  return small;
}

// The next frame, as long as it says or as there are bytes. There must be kSizeBytes at least.
inline std::vector<std::uint8_t> take_frame(Bytes& stream) {
  std::size_t const claimed = load_little_endian<std::uint16_t>(stream.data());
  stream = stream.subspan(kSizeBytes);
  Bytes const frame = stream.first(std::min(claimed, stream.size()));
  stream = stream.subspan(frame.size());
  return with_small_picture(frame);
}

}  // namespace xc::fuzz
