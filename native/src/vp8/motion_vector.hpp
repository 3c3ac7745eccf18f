// Motion vectors in quarters of a luma sample (RFC 6386 §5, §17).
#pragma once

#include <cstdint>

namespace xc::vp8 {

struct MotionVector {
  std::int16_t row = 0;
  std::int16_t column = 0;

  bool operator==(MotionVector const&) const = default;
  [[nodiscard]] bool is_zero() const { return row == 0 && column == 0; }
};

// Sums wrap around, as they do in the decoders that the format was defined by.
inline MotionVector operator+(MotionVector a, MotionVector b) {
  return {static_cast<std::int16_t>(a.row + b.row), static_cast<std::int16_t>(a.column + b.column)};
}

inline MotionVector operator-(MotionVector a) {
  return {static_cast<std::int16_t>(-a.row), static_cast<std::int16_t>(-a.column)};
}

}  // namespace xc::vp8
