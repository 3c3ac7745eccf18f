// Fuzzes the rebase with a prediction that nobody need have encoded. The input is a byte that says
// how many frames come before the chunk (its lower half) and how many of the prediction's are
// thrown away (its upper half); then the frames of both.
//
// What is accepted must keep the law: who plays the frames before, and then the rebased ones, ends
// in the state that is passed on.
#include "vp8/rebase.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "media/error.hpp"
#include "small_stream.hpp"
#include "vp8/stream_decoder.hpp"

namespace {

using xc::fuzz::Bytes;
using Frames = std::vector<std::vector<std::uint8_t>>;

xc::vp8::DecoderState play(Bytes& stream, std::size_t count) {
  xc::vp8::StreamDecoder decoder;
  for (std::size_t i = 0; i < count && stream.size() >= xc::fuzz::kSizeBytes; ++i) {
    auto const frame = xc::fuzz::take_frame(stream);
    try {
      decoder.decode(frame);
    } catch (xc::BadInput const&) {  // then the chunk comes after the frames before this one
    }
  }
  return decoder.state();
}

Frames take_frames(Bytes stream) {
  Frames frames;
  while (stream.size() >= xc::fuzz::kSizeBytes)
    frames.push_back(xc::fuzz::take_frame(stream));
  return frames;
}

bool is_shown(std::vector<std::uint8_t> const& frame) {
  return frame.empty() || (frame[0] & 0x10) != 0;
}

// One picture for all frames: something with an edge, so that there are coefficients.
std::vector<std::shared_ptr<xc::vp8::FrameBuffer const>> sources_for(
    Frames const& frames, std::size_t skipped, xc::vp8::DecoderState const& state) {
  auto picture = std::make_shared<xc::vp8::FrameBuffer>(state.width, state.height);
  for (std::size_t i = 0; i < 3; ++i) {
    auto const& plane = picture->plane(i);
    for (int y = 0; y < plane.height; ++y) {
      for (int x = 0; x < plane.width; ++x)
        plane.row(y)[x] = static_cast<std::uint8_t>(x + y > 20 ? 240 - 5 * x : 7 * y);
    }
  }
  std::vector<std::shared_ptr<xc::vp8::FrameBuffer const>> sources;
  for (std::size_t i = skipped; i < frames.size(); ++i) {
    if (is_shown(frames[i])) sources.push_back(picture);
  }
  return sources;
}

void check_law(xc::vp8::DecoderState const& before, xc::vp8::RebasedChunk const& chunk) {
  xc::vp8::StreamDecoder decoder(before);
  for (auto const& frame : chunk.frames)
    decoder.decode(frame);
  if (decoder.state() != chunk.state) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) return 0;
  Bytes stream = Bytes(data, size).subspan(1);
  auto const before = play(stream, data[0] & 15);
  if (!before.has_pictures()) return 0;
  std::size_t const skipped = data[0] >> 4;
  auto const frames = take_frames(stream);
  xc::vp8::RebasedChunk chunk;
  try {
    auto const sources = sources_for(frames, skipped, before);
    chunk = xc::vp8::Rebase(xc::vp8::take_apart(frames, skipped, sources)).run(before);
  } catch (xc::BadInput const&) {  // that is all it may do
    return 0;
  }
  check_law(before, chunk);
  return 0;
}
