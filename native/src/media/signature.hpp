// What files begin with, to say what a file is that is not what was wanted.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace xc {

inline constexpr std::array<std::uint8_t, 4> kIvfSignature{'D', 'K', 'I', 'F'};
inline constexpr std::string_view kY4mSignature = "YUV4MPEG2";

// The end of a message, or nothing: ": it is WebM …".
std::string_view what_it_is(std::span<std::uint8_t const> start);

}  // namespace xc
