// The boolean entropy decoder (RFC 6386 §7).
//
// `window_` holds the next bits of the stream, the first one at the top; `bits_` says how many of
// them beyond the first eight are from the stream. Behind the end of the data come zero bits, as in
// every decoder that the format's own streams were made with.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

#include "vp8/modes.hpp"
#include "vp8/tables.hpp"

namespace xc::vp8 {

class BoolDecoder {
 public:
  BoolDecoder() = default;
  // The bytes must outlive the decoder.
  explicit BoolDecoder(std::span<std::uint8_t const> bytes)
      : next_(bytes.data()), end_(bytes.data() + bytes.size()) {
    refill();
  }

  // One bit that is zero with the given probability (in 256ths).
  bool read(Probability probability) {
    std::uint32_t const split = 1 + (((range_ - 1) * probability) >> 8);
    if (bits_ < 0) [[unlikely]]
      refill();
    std::uint64_t const edge = std::uint64_t{split} << 56;
    bool const bit = window_ >= edge;
    if (bit) {
      range_ -= split;
      window_ -= edge;
    } else {
      range_ = split;
    }
    int const shift = std::countl_zero(range_) - 24;
    range_ <<= shift;
    window_ <<= shift;
    bits_ -= shift;
    return bit;
  }

  // One bit that is as often zero as one. Nobody can guess it, so there is no branch on it.
  bool read_flag() {
    std::uint32_t const split = (range_ + 1) >> 1;
    if (bits_ < 0) [[unlikely]]
      refill();
    std::uint64_t const edge = std::uint64_t{split} << 56;
    bool const bit = window_ >= edge;
    auto const mask = -static_cast<std::uint64_t>(bit);
    window_ -= edge & mask;
    range_ = split + ((range_ - 2 * split) & static_cast<std::uint32_t>(mask));
    int const shift = std::countl_zero(range_) - 24;
    range_ <<= shift;
    window_ <<= shift;
    bits_ -= shift;
    return bit;
  }

  // An unsigned number of `bits` bits, the highest first.
  std::uint32_t read_literal(int bits) {
    std::uint32_t value = 0;
    while (bits-- > 0)
      value = value << 1 | static_cast<std::uint32_t>(read_flag());
    return value;
  }

  // Magnitude, then sign.
  int read_signed(int bits) {
    auto const magnitude = static_cast<int>(read_literal(bits));
    return read_flag() ? -magnitude : magnitude;
  }

  template <typename Value, std::size_t size>
  Value read_tree(std::array<std::int8_t, size> const& tree, Probability const* probabilities) {
    int i = 0;
    do {
      i = tree[static_cast<std::size_t>(i + static_cast<int>(read(probabilities[i >> 1])))];
    } while (i > 0);
    return static_cast<Value>(-i);
  }

 private:
  void refill() {
    int const held = bits_ + 8;
    if (end_ - next_ >= 8) [[likely]] {
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, next_, 8);
      if constexpr (std::endian::native == std::endian::little) bytes = __builtin_bswap64(bytes);
      // Bits of a byte that does not fit whole are put in as well; they are put in again, in the
      // same place, with the whole byte.
      window_ |= bytes >> held;
      int const taken = (64 - held) >> 3;
      next_ += taken;
      bits_ += 8 * taken;
      return;
    }
    auto const filled = fill_near_end({window_, next_, bits_}, end_);
    window_ = filled.window;
    next_ = filled.next;
    bits_ = filled.bits;
  }

  // By value, so that a decoder that is a local variable need not have an address.
  struct Position {
    std::uint64_t window;
    std::uint8_t const* next;
    int bits;
  };

  [[gnu::noinline]] static Position fill_near_end(Position p, std::uint8_t const* end) {
    for (int held = p.bits + 8; held <= 56; held += 8) {
      if (p.next != end) p.window |= std::uint64_t{*p.next++} << (56 - held);
      p.bits += 8;
    }
    return p;
  }

  std::uint64_t window_ = 0;
  std::uint8_t const* next_ = nullptr;
  std::uint8_t const* end_ = nullptr;
  std::uint32_t range_ = 255;
  int bits_ = -8;
};

}  // namespace xc::vp8
