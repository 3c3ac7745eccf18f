// MD5 (RFC 1321), because the VP8 test vectors name their pictures by it. Not for security.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "media/picture_view.hpp"

namespace xc {

class Md5 {
 public:
  void update(std::span<std::uint8_t const> bytes);
  // Ends the message; 32 lower-case hexadecimal digits. Nothing may be added afterwards.
  [[nodiscard]] std::string finish();

 private:
  static constexpr std::size_t kBlockSize = 64;

  void transform(std::uint8_t const* block);

  std::array<std::uint32_t, 4> state_{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  std::array<std::uint8_t, kBlockSize> pending_{};
  std::uint64_t size_ = 0;  // of the message so far, in bytes
};

std::string md5(std::span<std::uint8_t const> bytes);
// Of the picture's samples as I420: Y, U, V, row by row, without padding.
std::string md5(PictureView const& picture);

}  // namespace xc
