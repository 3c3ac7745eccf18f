// The coefficients of one macroblock, and the contexts that their tokens are coded in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace xc::vp8 {

// Blocks of a macroblock in the order of the format: 16 luma, 4 + 4 chroma, and the second-order
// luma block.
inline constexpr std::size_t kBlocks = 25;
inline constexpr std::size_t kFirstU = 16;
inline constexpr std::size_t kFirstV = 20;
inline constexpr std::size_t kY2 = 24;

// RFC 6386 §13.3
enum class BlockType : std::uint8_t { kLumaAfterY2, kSecondOrder, kChroma, kLuma };

struct alignas(64) MacroblockCoefficients {
  // In raster order, not zigzag; blocks lie next to each other so that one kernel call can take
  // several.
  std::array<std::array<std::int16_t, 16>, kBlocks> blocks{};
  // Position behind the last token of each block; 0 if end-of-block was the first token.
  std::array<std::uint8_t, kBlocks> ends{};

  void clear() { std::memset(static_cast<void*>(this), 0, sizeof *this); }
};

// Which of the blocks at a macroblock's edge had any token but end-of-block: four luma, two of each
// chroma plane, and the last second-order block in this row or column (RFC 6386 §13.3).
struct TokenContext {
  std::array<std::uint8_t, 4> y{};
  std::array<std::uint8_t, 2> u{};
  std::array<std::uint8_t, 2> v{};
  std::uint8_t y2 = 0;

  // A macroblock without coefficients; one without a second-order block leaves y2 as it was.
  void reset(bool with_y2) {
    auto const kept = with_y2 ? std::uint8_t{0} : y2;
    *this = {};
    y2 = kept;
  }
};

}  // namespace xc::vp8
