// See vectors.hpp. Each of SSE4.1 and AVX2 compiles its own copy.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "vp8/kernels/tables.hpp"

namespace xc::vp8 {
namespace {

using Vector = __m128i;

XC_INLINE Vector load_vector(void const* from) {
  return _mm_loadu_si128(static_cast<Vector const*>(from));
}
// Eight bytes; the upper ones are zero.
XC_INLINE Vector load_low_half(void const* from) {
  return _mm_loadl_epi64(static_cast<Vector const*>(from));
}
XC_INLINE void store_vector(void* to, Vector v) {
  _mm_storeu_si128(static_cast<Vector*>(to), v);
}
XC_INLINE void store_low_half(void* to, Vector v) {
  _mm_storel_epi64(static_cast<Vector*>(to), v);
}
// The lowest double; the others are zero.
XC_INLINE Vector from_double(int value) {
  return _mm_cvtsi32_si128(value);
}
XC_INLINE int to_double(Vector v) {
  return _mm_cvtsi128_si32(v);
}

XC_INLINE Vector all_zero() {
  return _mm_setzero_si128();
}
XC_INLINE Vector all_bytes(int value) {
  return _mm_set1_epi8(static_cast<char>(value));
}
XC_INLINE Vector all_words(std::int16_t value) {
  return _mm_set1_epi16(value);
}
XC_INLINE Vector all_doubles(int value) {
  return _mm_set1_epi32(value);
}
template <typename... Bytes>
XC_INLINE Vector bytes_of(Bytes... bytes) {
  return _mm_setr_epi8(static_cast<char>(bytes)...);
}

XC_INLINE Vector bits_and(Vector a, Vector b) {
  return _mm_and_si128(a, b);
}
XC_INLINE Vector bits_or(Vector a, Vector b) {
  return _mm_or_si128(a, b);
}
XC_INLINE Vector bits_xor(Vector a, Vector b) {
  return _mm_xor_si128(a, b);
}
// The bits of `value` that are not in `mask`.
XC_INLINE Vector and_not(Vector mask, Vector value) {
  return _mm_andnot_si128(mask, value);
}

XC_INLINE Vector add_bytes(Vector a, Vector b) {
  return _mm_add_epi8(a, b);
}
XC_INLINE Vector subtract_bytes(Vector a, Vector b) {
  return _mm_sub_epi8(a, b);
}
XC_INLINE Vector add_bytes_saturated(Vector a, Vector b) {
  return _mm_adds_epi8(a, b);
}
XC_INLINE Vector subtract_bytes_saturated(Vector a, Vector b) {
  return _mm_subs_epi8(a, b);
}
XC_INLINE Vector add_samples_saturated(Vector a, Vector b) {
  return _mm_adds_epu8(a, b);
}
XC_INLINE Vector subtract_samples_saturated(Vector a, Vector b) {
  return _mm_subs_epu8(a, b);
}
XC_INLINE Vector max_samples(Vector a, Vector b) {
  return _mm_max_epu8(a, b);
}
XC_INLINE Vector equal_bytes(Vector a, Vector b) {
  return _mm_cmpeq_epi8(a, b);
}

XC_INLINE Vector add_words(Vector a, Vector b) {
  return _mm_add_epi16(a, b);
}
XC_INLINE Vector subtract_words(Vector a, Vector b) {
  return _mm_sub_epi16(a, b);
}
XC_INLINE Vector add_words_saturated(Vector a, Vector b) {
  return _mm_adds_epi16(a, b);
}
XC_INLINE Vector magnitudes(Vector words) {
  return _mm_abs_epi16(words);
}
// Words of `a`, negated where those of `b` are negative, zero where those are.
XC_INLINE Vector give_sign(Vector a, Vector b) {
  return _mm_sign_epi16(a, b);
}
XC_INLINE Vector equal_words(Vector a, Vector b) {
  return _mm_cmpeq_epi16(a, b);
}
// The lower and the upper halves of products of words.
XC_INLINE Vector low_products(Vector a, Vector b) {
  return _mm_mullo_epi16(a, b);
}
XC_INLINE Vector high_products(Vector a, Vector b) {
  return _mm_mulhi_epi16(a, b);
}
XC_INLINE Vector high_products_unsigned(Vector a, Vector b) {
  return _mm_mulhi_epu16(a, b);
}
// Signed, unsigned, and to the left.
XC_INLINE Vector shift_words_down(Vector v, int bits) {
  return _mm_srai_epi16(v, bits);
}
XC_INLINE Vector shift_words_right(Vector v, int bits) {
  return _mm_srli_epi16(v, bits);
}
XC_INLINE Vector shift_words_left(Vector v, int bits) {
  return _mm_slli_epi16(v, bits);
}

XC_INLINE Vector add_doubles(Vector a, Vector b) {
  return _mm_add_epi32(a, b);
}
XC_INLINE Vector shift_doubles_down(Vector v, int bits) {
  return _mm_srai_epi32(v, bits);
}

// Doubles: sums of the products of two words each.
XC_INLINE Vector sum_word_products(Vector a, Vector b) {
  return _mm_madd_epi16(a, b);
}
// Words: sums of the products of two samples each by two bytes. They must fit.
XC_INLINE Vector sum_sample_products(Vector samples, Vector bytes) {
  return _mm_maddubs_epi16(samples, bytes);
}

// Lanes of `a` and `b` in turn, from the lower or the upper half of both.
XC_INLINE Vector zip_low_bytes(Vector a, Vector b) {
  return _mm_unpacklo_epi8(a, b);
}
XC_INLINE Vector zip_high_bytes(Vector a, Vector b) {
  return _mm_unpackhi_epi8(a, b);
}
XC_INLINE Vector zip_low_words(Vector a, Vector b) {
  return _mm_unpacklo_epi16(a, b);
}
XC_INLINE Vector zip_high_words(Vector a, Vector b) {
  return _mm_unpackhi_epi16(a, b);
}
XC_INLINE Vector zip_low_doubles(Vector a, Vector b) {
  return _mm_unpacklo_epi32(a, b);
}
XC_INLINE Vector zip_high_doubles(Vector a, Vector b) {
  return _mm_unpackhi_epi32(a, b);
}
XC_INLINE Vector low_halves(Vector a, Vector b) {
  return _mm_unpacklo_epi64(a, b);
}
XC_INLINE Vector high_halves(Vector a, Vector b) {
  return _mm_unpackhi_epi64(a, b);
}
// The upper half, below zeros.
XC_INLINE Vector high_half(Vector v) {
  return _mm_srli_si128(v, 8);
}

// The lower eight as words.
XC_INLINE Vector widen_samples(Vector v) {
  return _mm_cvtepu8_epi16(v);
}
XC_INLINE Vector widen_bytes(Vector v) {
  return _mm_cvtepi8_epi16(v);
}
// Both vectors' lanes, clamped to what half of the bits can hold.
XC_INLINE Vector narrow_to_samples(Vector a, Vector b) {
  return _mm_packus_epi16(a, b);
}
XC_INLINE Vector narrow_to_bytes(Vector a, Vector b) {
  return _mm_packs_epi16(a, b);
}
XC_INLINE Vector narrow_to_words(Vector a, Vector b) {
  return _mm_packs_epi32(a, b);
}

// Bytes of `v` from the given places; zero where the place is negative.
XC_INLINE Vector pick(Vector v, Vector places) {
  return _mm_shuffle_epi8(v, places);
}
// The highest bit of each byte, that of the first byte lowest.
XC_INLINE std::uint32_t sign_bits(Vector v) {
  return static_cast<std::uint32_t>(_mm_movemask_epi8(v));
}

}  // namespace
}  // namespace xc::vp8
