// See vectors.hpp. Vectors are bytes, and looked at as other lanes where that is needed.
#pragma once

#include <arm_neon.h>

#include <array>
#include <cstdint>

#include "vp8/kernels/tables.hpp"

namespace xc::vp8 {
namespace {

using Vector = uint8x16_t;

XC_INLINE int8x16_t bytes_in(Vector v) {
  return vreinterpretq_s8_u8(v);
}
XC_INLINE int16x8_t words_in(Vector v) {
  return vreinterpretq_s16_u8(v);
}
XC_INLINE uint16x8_t unsigned_words_in(Vector v) {
  return vreinterpretq_u16_u8(v);
}
XC_INLINE int32x4_t doubles_in(Vector v) {
  return vreinterpretq_s32_u8(v);
}
XC_INLINE uint64x2_t halves_in(Vector v) {
  return vreinterpretq_u64_u8(v);
}
XC_INLINE Vector vector_of(int8x16_t v) {
  return vreinterpretq_u8_s8(v);
}
XC_INLINE Vector vector_of(int16x8_t v) {
  return vreinterpretq_u8_s16(v);
}
XC_INLINE Vector vector_of(uint16x8_t v) {
  return vreinterpretq_u8_u16(v);
}
XC_INLINE Vector vector_of(int32x4_t v) {
  return vreinterpretq_u8_s32(v);
}
XC_INLINE Vector vector_of(uint64x2_t v) {
  return vreinterpretq_u8_u64(v);
}

XC_INLINE Vector load_vector(void const* from) {
  return vld1q_u8(static_cast<std::uint8_t const*>(from));
}
// Eight bytes; the upper ones are zero.
XC_INLINE Vector load_low_half(void const* from) {
  return vcombine_u8(vld1_u8(static_cast<std::uint8_t const*>(from)), vdup_n_u8(0));
}
XC_INLINE void store_vector(void* to, Vector v) {
  vst1q_u8(static_cast<std::uint8_t*>(to), v);
}
XC_INLINE void store_low_half(void* to, Vector v) {
  vst1_u8(static_cast<std::uint8_t*>(to), vget_low_u8(v));
}
// The lowest double; the others are zero.
XC_INLINE Vector from_double(int value) {
  return vector_of(vsetq_lane_s32(value, vdupq_n_s32(0), 0));
}
XC_INLINE int to_double(Vector v) {
  return vgetq_lane_s32(doubles_in(v), 0);
}

XC_INLINE Vector all_zero() {
  return vdupq_n_u8(0);
}
XC_INLINE Vector all_bytes(int value) {
  return vdupq_n_u8(static_cast<std::uint8_t>(value));
}
XC_INLINE Vector all_words(std::int16_t value) {
  return vector_of(vdupq_n_s16(value));
}
XC_INLINE Vector all_doubles(int value) {
  return vector_of(vdupq_n_s32(value));
}
template <typename... Bytes>
XC_INLINE Vector bytes_of(Bytes... bytes) {
  std::array<std::int8_t, 16> const all{static_cast<std::int8_t>(bytes)...};
  return vector_of(vld1q_s8(all.data()));
}

XC_INLINE Vector bits_and(Vector a, Vector b) {
  return vandq_u8(a, b);
}
XC_INLINE Vector bits_or(Vector a, Vector b) {
  return vorrq_u8(a, b);
}
XC_INLINE Vector bits_xor(Vector a, Vector b) {
  return veorq_u8(a, b);
}
// The bits of `value` that are not in `mask`.
XC_INLINE Vector and_not(Vector mask, Vector value) {
  return vbicq_u8(value, mask);
}

XC_INLINE Vector add_bytes(Vector a, Vector b) {
  return vaddq_u8(a, b);
}
XC_INLINE Vector subtract_bytes(Vector a, Vector b) {
  return vsubq_u8(a, b);
}
XC_INLINE Vector add_bytes_saturated(Vector a, Vector b) {
  return vector_of(vqaddq_s8(bytes_in(a), bytes_in(b)));
}
XC_INLINE Vector subtract_bytes_saturated(Vector a, Vector b) {
  return vector_of(vqsubq_s8(bytes_in(a), bytes_in(b)));
}
XC_INLINE Vector add_samples_saturated(Vector a, Vector b) {
  return vqaddq_u8(a, b);
}
XC_INLINE Vector subtract_samples_saturated(Vector a, Vector b) {
  return vqsubq_u8(a, b);
}
XC_INLINE Vector max_samples(Vector a, Vector b) {
  return vmaxq_u8(a, b);
}
XC_INLINE Vector equal_bytes(Vector a, Vector b) {
  return vceqq_u8(a, b);
}

XC_INLINE Vector add_words(Vector a, Vector b) {
  return vector_of(vaddq_s16(words_in(a), words_in(b)));
}
XC_INLINE Vector subtract_words(Vector a, Vector b) {
  return vector_of(vsubq_s16(words_in(a), words_in(b)));
}
XC_INLINE Vector add_words_saturated(Vector a, Vector b) {
  return vector_of(vqaddq_s16(words_in(a), words_in(b)));
}
XC_INLINE Vector magnitudes(Vector words) {
  return vector_of(vabsq_s16(words_in(words)));
}
// Words of `a`, negated where those of `b` are negative, zero where those are.
XC_INLINE Vector give_sign(Vector a, Vector b) {
  int16x8_t const signs = words_in(b);
  int16x8_t const turned = vbslq_s16(vcltzq_s16(signs), vnegq_s16(words_in(a)), words_in(a));
  return vector_of(vandq_s16(turned, vreinterpretq_s16_u16(vtstq_s16(signs, signs))));
}
XC_INLINE Vector equal_words(Vector a, Vector b) {
  return vector_of(vceqq_s16(words_in(a), words_in(b)));
}
// The lower and the upper halves of products of words.
XC_INLINE Vector low_products(Vector a, Vector b) {
  return vector_of(vmulq_s16(words_in(a), words_in(b)));
}
XC_INLINE Vector high_products(Vector a, Vector b) {
  int32x4_t const low = vmull_s16(vget_low_s16(words_in(a)), vget_low_s16(words_in(b)));
  int32x4_t const high = vmull_high_s16(words_in(a), words_in(b));
  return vector_of(vuzp2q_s16(vreinterpretq_s16_s32(low), vreinterpretq_s16_s32(high)));
}
XC_INLINE Vector high_products_unsigned(Vector a, Vector b) {
  uint16x8_t const x = unsigned_words_in(a);
  uint16x8_t const y = unsigned_words_in(b);
  uint32x4_t const low = vmull_u16(vget_low_u16(x), vget_low_u16(y));
  uint32x4_t const high = vmull_high_u16(x, y);
  return vector_of(vuzp2q_u16(vreinterpretq_u16_u32(low), vreinterpretq_u16_u32(high)));
}
// Signed, unsigned, and to the left.
XC_INLINE Vector shift_words_down(Vector v, int bits) {
  return vector_of(vshlq_s16(words_in(v), vdupq_n_s16(static_cast<std::int16_t>(-bits))));
}
XC_INLINE Vector shift_words_right(Vector v, int bits) {
  return vector_of(vshlq_u16(unsigned_words_in(v), vdupq_n_s16(static_cast<std::int16_t>(-bits))));
}
XC_INLINE Vector shift_words_left(Vector v, int bits) {
  return vector_of(vshlq_s16(words_in(v), vdupq_n_s16(static_cast<std::int16_t>(bits))));
}

XC_INLINE Vector add_doubles(Vector a, Vector b) {
  return vector_of(vaddq_s32(doubles_in(a), doubles_in(b)));
}
XC_INLINE Vector shift_doubles_down(Vector v, int bits) {
  return vector_of(vshlq_s32(doubles_in(v), vdupq_n_s32(-bits)));
}

// Doubles: sums of the products of two words each.
XC_INLINE Vector sum_word_products(Vector a, Vector b) {
  int32x4_t const low = vmull_s16(vget_low_s16(words_in(a)), vget_low_s16(words_in(b)));
  int32x4_t const high = vmull_high_s16(words_in(a), words_in(b));
  return vector_of(vpaddq_s32(low, high));
}
// Words: sums of the products of two samples each by two bytes. They must fit.
XC_INLINE Vector sum_sample_products(Vector samples, Vector bytes) {
  auto const product = [](uint8x8_t x, int8x8_t y) {
    return vmulq_s16(vreinterpretq_s16_u16(vmovl_u8(x)), vmovl_s8(y));
  };
  int8x16_t const factors = bytes_in(bytes);
  return vector_of(vpaddq_s16(product(vget_low_u8(samples), vget_low_s8(factors)),
                              product(vget_high_u8(samples), vget_high_s8(factors))));
}

// Lanes of `a` and `b` in turn, from the lower or the upper half of both.
XC_INLINE Vector zip_low_bytes(Vector a, Vector b) {
  return vzip1q_u8(a, b);
}
XC_INLINE Vector zip_high_bytes(Vector a, Vector b) {
  return vzip2q_u8(a, b);
}
XC_INLINE Vector zip_low_words(Vector a, Vector b) {
  return vector_of(vzip1q_s16(words_in(a), words_in(b)));
}
XC_INLINE Vector zip_high_words(Vector a, Vector b) {
  return vector_of(vzip2q_s16(words_in(a), words_in(b)));
}
XC_INLINE Vector zip_low_doubles(Vector a, Vector b) {
  return vector_of(vzip1q_s32(doubles_in(a), doubles_in(b)));
}
XC_INLINE Vector zip_high_doubles(Vector a, Vector b) {
  return vector_of(vzip2q_s32(doubles_in(a), doubles_in(b)));
}
XC_INLINE Vector low_halves(Vector a, Vector b) {
  return vector_of(vzip1q_u64(halves_in(a), halves_in(b)));
}
XC_INLINE Vector high_halves(Vector a, Vector b) {
  return vector_of(vzip2q_u64(halves_in(a), halves_in(b)));
}
// The upper half, below zeros.
XC_INLINE Vector high_half(Vector v) {
  return vextq_u8(v, vdupq_n_u8(0), 8);
}

// The lower eight as words.
XC_INLINE Vector widen_samples(Vector v) {
  return vector_of(vmovl_u8(vget_low_u8(v)));
}
XC_INLINE Vector widen_bytes(Vector v) {
  return vector_of(vmovl_s8(vget_low_s8(bytes_in(v))));
}
// Both vectors' lanes, clamped to what half of the bits can hold.
XC_INLINE Vector narrow_to_samples(Vector a, Vector b) {
  return vcombine_u8(vqmovun_s16(words_in(a)), vqmovun_s16(words_in(b)));
}
XC_INLINE Vector narrow_to_bytes(Vector a, Vector b) {
  return vector_of(vcombine_s8(vqmovn_s16(words_in(a)), vqmovn_s16(words_in(b))));
}
XC_INLINE Vector narrow_to_words(Vector a, Vector b) {
  return vector_of(vcombine_s16(vqmovn_s32(doubles_in(a)), vqmovn_s32(doubles_in(b))));
}

// Bytes of `v` from the given places; zero where the place is negative.
XC_INLINE Vector pick(Vector v, Vector places) {
  return vqtbl1q_u8(v, places);
}
// The highest bit of each byte, that of the first byte lowest.
XC_INLINE std::uint32_t sign_bits(Vector v) {
  constexpr std::array<std::uint8_t, 16> kBits{1, 2, 4, 8, 16, 32, 64, 128,
                                               1, 2, 4, 8, 16, 32, 64, 128};
  Vector const negative = vcltzq_s8(bytes_in(v));
  Vector const bits = vandq_u8(negative, vld1q_u8(kBits.data()));
  return static_cast<std::uint32_t>(vaddv_u8(vget_low_u8(bits))) |
         static_cast<std::uint32_t>(vaddv_u8(vget_high_u8(bits))) << 8;
}

}  // namespace
}  // namespace xc::vp8
