#include "cli/chunk_quality.hpp"

#include <utility>

#include "media/ssim.hpp"
#include "vp8/stream_decoder.hpp"

namespace xc::cli {

double mean_ssim(vp8::DecoderState state, std::vector<std::vector<std::uint8_t>> const& frames,
                 std::vector<std::shared_ptr<vp8::FrameBuffer const>> const& sources) {
  vp8::StreamDecoder decoder(std::move(state));
  auto source = sources.begin();
  double sum = 0;
  for (auto const& frame : frames) {
    auto const picture = decoder.decode(frame);
    if (picture == nullptr || source == sources.end()) continue;
    sum += ssim(picture->shown().y, (*source++)->shown().y);
  }
  return sources.empty() ? 0 : sum / static_cast<double>(sources.size());
}

}  // namespace xc::cli
