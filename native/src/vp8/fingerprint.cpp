#include "vp8/fingerprint.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "media/bytes.hpp"

namespace xc::vp8 {
namespace {

// Odd, so that multiplication can be undone; otherwise arbitrary.
constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15;

std::uint64_t absorb(std::uint64_t sum, std::uint64_t word) {
  return std::rotl((sum ^ word) * kMultiplier, 29);
}

std::uint64_t scatter(std::uint64_t sum) {
  sum ^= sum >> 32;
  sum *= kMultiplier;
  return sum ^ sum >> 29;
}

}  // namespace

std::uint64_t fingerprint(std::span<std::uint8_t const> bytes, std::uint64_t seed) {
  // Four sums that do not depend on each other keep the machine busy.
  std::array<std::uint64_t, 4> lanes{seed + 1, seed + 2, seed + 3, seed + 4};
  auto const size = bytes.size();
  auto const* p = bytes.data();
  for (auto const* const end = p + size / 32 * 32; p != end; p += 32) {
    for (std::size_t i = 0; i < 4; ++i) {
      lanes[i] = absorb(lanes[i], load_little_endian<std::uint64_t>(p + 8 * i));
    }
  }
  std::uint64_t sum = absorb(seed, size);
  for (auto const lane : lanes)
    sum = absorb(sum, scatter(lane));
  for (auto rest = size % 32; rest > 0;) {
    std::array<std::uint8_t, 8> word{};
    auto const count = std::min<std::size_t>(rest, word.size());
    std::memcpy(word.data(), p, count);
    sum = absorb(sum, load_little_endian<std::uint64_t>(word.data()));
    p += count;
    rest -= count;
  }
  return scatter(scatter(sum));
}

}  // namespace xc::vp8
