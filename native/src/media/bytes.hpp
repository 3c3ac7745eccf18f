// Whole files at once, and the little-endian numbers in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace xc {

// Reads all of a file, FIFO or standard input ("-"). Throws IoError, and BadInput if it holds more
// than `limit` bytes.
std::vector<std::uint8_t> read_file(std::string const& path, std::size_t limit);

// Writes all of a file (atomically), FIFO or standard output ("-"). Throws IoError.
void write_file(std::string const& path, std::span<std::uint8_t const> bytes);

// Callers check the size beforehand: p[0 … sizeof(Number) - 1] must exist.
template <typename Number>
constexpr Number load_little_endian(std::uint8_t const* p) {
  Number value = 0;
  for (std::size_t i = sizeof(Number); i-- > 0;) {
    value = static_cast<Number>(static_cast<std::uint64_t>(value) << 8 | p[i]);
  }
  return value;
}

template <typename Number>
constexpr void store_little_endian(std::uint8_t* p, Number value) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    p[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i));
  }
}

}  // namespace xc
