#include "vp8/bool_encoder.hpp"

#include <cstdlib>

namespace xc::vp8 {

void BoolEncoder::write_signed(int value, int bits) {
  write_literal(static_cast<std::uint32_t>(std::abs(value)), bits);
  write_flag(value < 0);
}

void BoolEncoder::flush_bytes() {
  int const count = pending_ / 8 + 1;
  int const kept_bits = 24 + pending_ % 8;
  std::uint64_t const settled = low_ >> kept_bits;
  low_ &= (std::uint64_t{1} << kept_bits) - 1;
  pending_ -= 8 * count;
  if ((settled >> (8 * count)) != 0) propagate_carry();
  for (int i = count; i-- > 0;) {
    bytes_.push_back(static_cast<std::uint8_t>(settled >> (8 * i)));
  }
}

// Cannot run beyond the start: what was written is a number below one.
void BoolEncoder::propagate_carry() {
  std::size_t i = bytes_.size();
  while (i > start_ && ++bytes_[--i] == 0) {
  }
}

// Nine to sixteen bits follow the place where a decoder's window begins when it has read all. Eight
// hold what it must know of the last bit; with no more than these FFmpeg's decoder, which fetches
// two bytes at a time, takes the partition for cut off if its last macroblocks cost next to
// nothing.
void BoolEncoder::finish() {
  if (pending_ >= 0) flush_bytes();
  low_ <<= 24;
  pending_ += 24;
  if (pending_ >= 0) flush_bytes();
  low_ <<= -pending_;
  pending_ = 0;
  flush_bytes();
}

}  // namespace xc::vp8
