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

// Writes as many bits as a decoder needs to have in its window when it reads the last of ours.
void BoolEncoder::finish() {
  if (pending_ >= 0) flush_bytes();
  low_ <<= 24;
  pending_ += 24;
  if (pending_ >= 0) flush_bytes();
  if (pending_ > -8) {
    low_ <<= -pending_;
    pending_ = 0;
    flush_bytes();
  }
}

void BoolEncoder::write_tree_path(std::int8_t const* tree, int size,
                                  Probability const* probabilities, int value, int start) {
  // From the leaf up: the bits, the last one lowest, and the indices that they were decided at.
  std::uint32_t bits = 0;
  std::array<int, 16> nodes{};
  std::size_t depth = 0;
  int entry = size;
  // A value of 0 appears as leaf "0"; index 0 is never a child, so there is no confusion.
  while (entry-- > start && tree[entry] != -value) {
  }
  for (;;) {
    bits |= static_cast<std::uint32_t>(entry & 1) << depth;
    int const node = entry & ~1;
    nodes[depth++] = node;
    if (node <= start) break;
    entry = node;
    while (entry-- > start && tree[entry] != node) {
    }
  }
  while (depth-- > 0) {
    write((bits >> depth & 1) != 0, probabilities[nodes[depth] >> 1]);
  }
}

}  // namespace xc::vp8
