// Fuzzes the reader of decoder states, and the decoder on what it read. The input is a state (as
// long as its own size field says) and then a frame that is decoded on it.
//
// A checksum keeps accidents out, and would keep the fuzzer out as well: so it is made right first.
// What is accepted must be written as the same bytes again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "media/bytes.hpp"
#include "media/error.hpp"
#include "vp8/fingerprint.hpp"
#include "vp8/state_file.hpp"
#include "vp8/stream_decoder.hpp"

namespace {

using Bytes = std::span<std::uint8_t const>;

// The layout of the head of a state, see state_file.hpp.
constexpr std::size_t kSizeOffset = 16;
constexpr std::size_t kFingerprintOffset = 24;
constexpr std::size_t kBodyOffset = 32;

std::size_t claimed_size(Bytes input) {
  return xc::load_little_endian<std::uint64_t>(input.data() + kSizeOffset);
}

std::vector<std::uint8_t> with_right_checksum(Bytes state) {
  std::vector<std::uint8_t> bytes(state.begin(), state.end());
  xc::store_little_endian<std::uint64_t>(&bytes[kSizeOffset], bytes.size());
  std::uint64_t const head = xc::vp8::fingerprint(Bytes(bytes).first(kFingerprintOffset));
  std::uint64_t const sum = xc::vp8::fingerprint(Bytes(bytes).subspan(kBodyOffset), head);
  xc::store_little_endian(&bytes[kFingerprintOffset], sum);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  Bytes const input(data, size);
  if (size < kBodyOffset) return 0;
  std::size_t const state_size = std::clamp(claimed_size(input), kBodyOffset, size);
  std::vector<std::uint8_t> const bytes = with_right_checksum(input.first(state_size));
  try {
    xc::vp8::DecoderState const state = xc::vp8::deserialise(bytes);
    if (xc::vp8::deserialise(xc::vp8::serialise(state)) != state) std::abort();
    xc::vp8::StreamDecoder(state).decode(input.subspan(state_size));
  } catch (xc::BadInput const&) {  // that is all it may do
  }
  return 0;
}
