// Fuzzes the frame decoder with a short stream. A frame that is refused leaves the decoder as it
// was, and the next one is tried.
#include <cstddef>
#include <cstdint>

#include "media/error.hpp"
#include "small_stream.hpp"
#include "vp8/stream_decoder.hpp"

namespace {

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
  xc::fuzz::Bytes stream(data, size);
  xc::vp8::StreamDecoder decoder;
  unsigned volatile sum = 0;
  while (stream.size() >= xc::fuzz::kSizeBytes) {
    auto const frame = xc::fuzz::take_frame(stream);
    try {
      auto const picture = decoder.decode(frame);
      if (picture) sum = touch(picture->shown());
    } catch (xc::BadInput const&) {  // that is all it may do
    }
  }
  static_cast<void>(sum);
  return 0;
}
