// The boolean entropy encoder (RFC 6386 §7.3). Appends to a buffer that the caller keeps, so that
// memory is used again from frame to frame.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "vp8/tables.hpp"

namespace xc::vp8 {

class BoolEncoder {
 public:
  // Appends to `bytes`, which must outlive the encoder.
  explicit BoolEncoder(std::vector<std::uint8_t>& bytes) : bytes_(bytes), start_(bytes.size()) {}

  // One bit that was said to be zero with the given probability (in 256ths).
  void write(bool bit, Probability probability) {
    std::uint32_t const split = 1 + (((range_ - 1) * probability) >> 8);
    if (bit) {
      low_ += split;
      range_ -= split;
    } else {
      range_ = split;
    }
    int const shift = std::countl_zero(range_) - 24;
    range_ <<= shift;
    low_ <<= shift;
    pending_ += shift;
    if (pending_ >= kFlushAt) flush_bytes();
  }

  void write_flag(bool bit) { write(bit, 128); }
  void write_literal(std::uint32_t value, int bits) {
    while (bits-- > 0)
      write_flag((value >> bits & 1) != 0);
  }
  void write_signed(int value, int bits);

  // Ends the partition. Nothing may be written afterwards.
  void finish();

 private:
  // low_ holds 32 + pending_ bits, and a carry above them. The lowest 24 to 31 are not settled; the
  // others are whole bytes that leave together when there are enough of them. A carry that comes
  // later runs back into bytes that have left.
  static constexpr int kFlushAt = 24;

  void flush_bytes();
  void propagate_carry();

  std::vector<std::uint8_t>& bytes_;
  std::size_t start_;
  std::uint64_t low_ = 0;
  std::uint32_t range_ = 255;
  int pending_ = -24;
};

}  // namespace xc::vp8
