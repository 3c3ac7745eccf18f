// Decoder states as bytes.
//
//   offset  bytes
//        0      8  magic "XCSTATE" and 0x1a
//        8      2  version of this layout
//       10      1  encoding of the pictures: 0, raw
//       11      5  zero
//       16      8  size of everything
//       24      8  fingerprint of everything but these eight bytes
//       32         body: see state_file.cpp
//
// Numbers are little-endian. Equal pictures are stored once. Equal states give equal bytes, and
// only bytes that serialise() would write are accepted.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vp8/decoder_state.hpp"

namespace xc::vp8 {

inline constexpr std::uint16_t kStateVersion = 1;
// No state is larger: three pictures, tables and a segment map.
inline constexpr std::size_t kMaxStateSize = std::size_t{3} * 2 * kMaxSamples;

// The state must have pictures. The result takes the memory of `used`, whatever is in it.
std::vector<std::uint8_t> serialise(DecoderState const& state, std::vector<std::uint8_t> used = {});

// Throws BadInput if the bytes are not a state of this version, whole and undamaged. The pictures
// are taken from the pool.
DecoderState deserialise(std::span<std::uint8_t const> bytes, FramePool& pool);
DecoderState deserialise(std::span<std::uint8_t const> bytes);

// The bytes of a state in a file, FIFO or standard input ("-"), for deserialise() to judge. From a
// pipe it takes as many as the state says it has and does not wait for the end, which comes only
// when whoever writes it has nothing else to do any more. Throws IoError, and BadInput if a file
// is larger than any state.
std::vector<std::uint8_t> read_state(std::string const& path);

}  // namespace xc::vp8
