// Whole files at once, and the little-endian numbers in them.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace xc {

// Reads all of a file, FIFO or standard input ("-"). Throws IoError, and BadInput if it holds more
// than `limit` bytes.
std::vector<std::uint8_t> read_file(std::string const& path, std::size_t limit);

// Writes all of a file (atomically), FIFO or standard output ("-"). Throws IoError.
void write_file(std::string const& path, std::span<std::uint8_t const> bytes);

// Callers check the size beforehand: p[0 … sizeof(Number) - 1] must exist. By way of memory, as
// compilers do not see one load in a loop over its bytes.
template <typename Number>
Number load_little_endian(std::uint8_t const* p) {
  std::array<std::uint8_t, sizeof(Number)> bytes;
  std::memcpy(bytes.data(), p, sizeof(Number));
  if constexpr (std::endian::native == std::endian::big) std::ranges::reverse(bytes);
  return std::bit_cast<Number>(bytes);
}

template <typename Number>
void store_little_endian(std::uint8_t* p, Number value) {
  auto bytes = std::bit_cast<std::array<std::uint8_t, sizeof(Number)>>(value);
  if constexpr (std::endian::native == std::endian::big) std::ranges::reverse(bytes);
  std::memcpy(p, bytes.data(), sizeof(Number));
}

}  // namespace xc
