// What a bit costs, in 256ths of a bit. Integers only, so that every machine decides alike.
#pragma once

#include <array>
#include <cstdint>

#include "vp8/tables.hpp"

namespace xc::vp8 {

namespace detail {

// −log2(p / 256) · 256, by squaring: each squaring yields one binary digit of the logarithm.
constexpr std::uint16_t cost_of(unsigned p) {
  std::uint64_t x = std::uint64_t{p} << 24;  // in 2^-32ths, below 1
  unsigned digits = 0;
  while (x < std::uint64_t{1} << 31) {
    x <<= 1;
    digits += 1U << 12;
  }
  unsigned fraction = 0;  // of log2(2x), 12 digits
  std::uint64_t y = x;    // 2^31 … 2^32: 0.5 … 1, that is, 1 … 2 after doubling
  for (unsigned digit = 1U << 11; digit != 0; digit >>= 1) {
    y = y * y >> 31;
    if (y >= std::uint64_t{1} << 32) {
      y >>= 1;
      fraction += digit;
    }
  }
  return static_cast<std::uint16_t>((digits + (1U << 12) - fraction + 8) >> 4);
}

constexpr std::array<std::uint16_t, 257> make_costs() {
  std::array<std::uint16_t, 257> costs{};
  for (unsigned p = 1; p < 256; ++p)
    costs[p] = cost_of(p);
  costs[0] = costs[1];  // a probability of zero acts like a very small one
  return costs;
}

}  // namespace detail

inline constexpr std::array<std::uint16_t, 257> kZeroBitCost = detail::make_costs();

constexpr std::uint32_t cost_of_bit(bool bit, Probability probability) {
  return bit ? kZeroBitCost[256U - probability] : kZeroBitCost[probability];
}

// How often the bit at one node of a tree was zero and one.
struct BranchCount {
  std::uint32_t zero = 0;
  std::uint32_t one = 0;

  void add(bool bit, std::uint32_t times = 1) { (bit ? one : zero) += times; }

  BranchCount& operator+=(BranchCount const& other) {
    zero += other.zero;
    one += other.one;
    return *this;
  }

  [[nodiscard]] std::uint64_t cost(Probability probability) const {
    return std::uint64_t{zero} * cost_of_bit(false, probability) +
           std::uint64_t{one} * cost_of_bit(true, probability);
  }

  // The probability that costs least; `otherwise` if there were no bits.
  [[nodiscard]] Probability best(Probability otherwise) const {
    std::uint64_t const total = std::uint64_t{zero} + one;
    if (total == 0) return otherwise;
    auto const rounded = (std::uint64_t{zero} * 256 + total / 2) / total;
    return static_cast<Probability>(rounded < 1 ? 1 : rounded > 255 ? 255 : rounded);
  }
};

static_assert(kZeroBitCost[128] == 256 && kZeroBitCost[64] == 512 && kZeroBitCost[1] == 2048);

}  // namespace xc::vp8
