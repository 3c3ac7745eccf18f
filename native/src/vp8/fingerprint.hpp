// A fast 64-bit checksum against accidents, not against malice.
//
// Each step is a bijection of the word that comes in and of the sum so far. So a change within one
// aligned word of eight bytes (a flipped bit, say) always changes the result; any other change goes
// unnoticed once in 2^64.
#pragma once

#include <cstdint>
#include <span>

namespace xc::vp8 {

std::uint64_t fingerprint(std::span<std::uint8_t const> bytes, std::uint64_t seed = 0);

}  // namespace xc::vp8
