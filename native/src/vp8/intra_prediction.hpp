// Intra prediction (RFC 6386 §12), straight from the samples around a block. Where those lie
// outside the frame, the picture's border must hold what the format says (see Reconstruction).
#pragma once

#include <cstddef>
#include <cstdint>

#include "vp8/modes.hpp"

namespace xc::vp8 {

// Predicts a whole block of size × size samples, 16 for luma and 8 for chroma. DC looks only at
// edges inside the frame.
void predict_intra(std::uint8_t* samples, std::ptrdiff_t stride, int size, MacroblockMode mode,
                   bool has_above, bool has_left);

// Predicts a subblock of 4 × 4. `above_right` points to the four samples that follow those above;
// they are not always next to them.
void predict_subblock(std::uint8_t* samples, std::ptrdiff_t stride, SubblockMode mode,
                      std::uint8_t const* above_right);

// Where a luma subblock's four samples above and to the right are: those of the rightmost column
// come from the macroblock row above for all four rows (§12.3).
inline std::uint8_t const* above_right_of(std::uint8_t const* macroblock, std::ptrdiff_t stride,
                                          std::size_t block) {
  auto const column = static_cast<std::ptrdiff_t>(block & 3);
  auto const row = column == 3 ? 0 : static_cast<std::ptrdiff_t>(block >> 2);
  return macroblock + (4 * row - 1) * stride + 4 * column + 4;
}

}  // namespace xc::vp8
