// Fuzzes the frame decoder with a short stream: frames, each with its size in two bytes
// (little-endian) in front. A frame that is refused leaves the decoder as it was, and the next one
// is tried.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "media/bytes.hpp"
#include "media/error.hpp"
#include "vp8/stream_decoder.hpp"

namespace {

using Bytes = std::span<std::uint8_t const>;

constexpr std::size_t kSizeBytes = 2;
constexpr std::size_t kKeyFrameHeaderSize = 10;
constexpr std::size_t kDimensionsOffset = 6;

Bytes take_frame(Bytes& stream) {
  std::size_t const claimed = xc::load_little_endian<std::uint16_t>(stream.data());
  stream = stream.subspan(kSizeBytes);
  Bytes const frame = stream.first(std::min(claimed, stream.size()));
  stream = stream.subspan(frame.size());
  return frame;
}

// Huge pictures are allowed but slow, and show nothing that small ones do not.
std::vector<std::uint8_t> with_small_picture(Bytes frame) {
  std::vector<std::uint8_t> small(frame.begin(), frame.end());
  bool const key_frame = small.size() >= kKeyFrameHeaderSize && (small[0] & 1) == 0;
  if (key_frame) {
    small[kDimensionsOffset + 1] &= 0xc0;  // the scaling bits stay
    small[kDimensionsOffset + 3] &= 0xc0;
  }
  return small;
}

// Reads the edges of what is shown, so that the sanitizers see a picture that is smaller than it
// says.
unsigned touch(xc::PictureView const& picture) {
  unsigned sum = 0;
  for (xc::PlaneView const& plane : {picture.y, picture.u, picture.v}) {
    for (int y = 0; y < plane.height; ++y) {
      sum += plane.row(y)[0] + plane.row(y)[plane.width - 1];
    }
  }
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  Bytes stream(data, size);
  xc::vp8::StreamDecoder decoder;
  unsigned volatile sum = 0;
  while (stream.size() >= kSizeBytes) {
    std::vector<std::uint8_t> const frame = with_small_picture(take_frame(stream));
    try {
      auto const picture = decoder.decode(frame);
      if (picture) sum = touch(picture->shown());
    } catch (xc::BadInput const&) {  // that is all it may do
    }
  }
  static_cast<void>(sum);
  return 0;
}
