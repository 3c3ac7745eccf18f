#include "media/md5.hpp"

#include <algorithm>
#include <bit>

#include "media/bytes.hpp"

namespace xc {
namespace {

// floor(2^32 * |sin(i + 1)|), as RFC 1321 has them in its section 3.4.
constexpr std::array<std::uint32_t, 64> kSines{
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

constexpr std::array<std::array<int, 4>, 4> kRotations{
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

struct Step {
  std::uint32_t mixed;
  std::size_t word;
};

Step step(std::size_t i, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  switch (i / 16) {
    case 0:
      return {(b & c) | (~b & d), i};
    case 1:
      return {(d & b) | (~d & c), (5 * i + 1) % 16};
    case 2:
      return {b ^ c ^ d, (3 * i + 5) % 16};
    default:
      return {c ^ (b | ~d), (7 * i) % 16};
  }
}

void update_plane(Md5& md5, PlaneView const& plane) {
  for (int y = 0; y < plane.height; ++y) {
    md5.update({plane.row(y), static_cast<std::size_t>(plane.width)});
  }
}

}  // namespace

void Md5::transform(std::uint8_t const* block) {
  auto [a, b, c, d] = state_;
  for (std::size_t i = 0; i < kSines.size(); ++i) {
    auto const [mixed, word] = step(i, b, c, d);
    std::uint32_t const sum =
        a + mixed + kSines[i] + load_little_endian<std::uint32_t>(block + 4 * word);
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, kRotations[i / 16][i % 4]);
  }
  state_[0] += a;
  state_[1] += b;
  state_[2] += c;
  state_[3] += d;
}

void Md5::update(std::span<std::uint8_t const> bytes) {
  std::size_t const used = size_ % kBlockSize;
  size_ += bytes.size();
  if (used != 0) {
    std::size_t const taken = std::min(bytes.size(), kBlockSize - used);
    std::copy_n(bytes.data(), taken, pending_.data() + used);
    bytes = bytes.subspan(taken);
    if (used + taken < kBlockSize) return;
    transform(pending_.data());
  }
  for (; bytes.size() >= kBlockSize; bytes = bytes.subspan(kBlockSize))
    transform(bytes.data());
  std::copy(bytes.begin(), bytes.end(), pending_.begin());
}

std::string Md5::finish() {
  std::array<std::uint8_t, 8> length{};
  store_little_endian(length.data(), size_ * 8);
  std::array<std::uint8_t, kBlockSize> padding{0x80};
  std::size_t const used = size_ % kBlockSize;
  // One bit, then zeros, up to where the length ends a block.
  std::size_t const padded = (used < kBlockSize - length.size() ? kBlockSize : 2 * kBlockSize);
  update(std::span(padding).first(std::min(padded - length.size() - used, kBlockSize)));
  update(length);

  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::uint32_t const word : state_) {
    std::array<std::uint8_t, 4> bytes{};
    store_little_endian(bytes.data(), word);
    for (std::uint8_t const byte : bytes) {
      text += kDigits[byte >> 4];
      text += kDigits[byte & 15];
    }
  }
  return text;
}

std::string md5(std::span<std::uint8_t const> bytes) {
  Md5 md5;
  md5.update(bytes);
  return md5.finish();
}

std::string md5(PictureView const& picture) {
  Md5 md5;
  update_plane(md5, picture.y);
  update_plane(md5, picture.u);
  update_plane(md5, picture.v);
  return md5.finish();
}

}  // namespace xc
