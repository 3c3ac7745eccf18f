// Transforms and quantisation for two blocks at once: eight words hold a row of both. Each
// instruction set compiles its own copy; the scalar versions say what is right.
#pragma once

#include <immintrin.h>

#include <bit>
#include <cstring>

#include "vp8/kernels/tables.hpp"

namespace xc::vp8 {
namespace {
namespace transforms {

using Sample = Kernels::Sample;
using Stride = Kernels::Stride;
using Vector = __m128i;

XC_INLINE Vector words(int value) {
  return _mm_set1_epi16(static_cast<short>(value));
}

struct Rows {
  Vector r0, r1, r2, r3;
};

XC_INLINE Vector load(std::int16_t const* from) {
  return _mm_loadu_si128(reinterpret_cast<Vector const*>(from));
}
XC_INLINE void store(std::int16_t* to, Vector v) {
  _mm_storeu_si128(reinterpret_cast<Vector*>(to), v);
}

// Both 4 × 4 blocks, each for itself.
XC_INLINE Rows transpose(Rows const& m) {
  Vector const a0 = _mm_unpacklo_epi16(m.r0, m.r1);
  Vector const a1 = _mm_unpacklo_epi16(m.r2, m.r3);
  Vector const b0 = _mm_unpackhi_epi16(m.r0, m.r1);
  Vector const b1 = _mm_unpackhi_epi16(m.r2, m.r3);
  Vector const c0 = _mm_unpacklo_epi32(a0, a1);
  Vector const c1 = _mm_unpackhi_epi32(a0, a1);
  Vector const d0 = _mm_unpacklo_epi32(b0, b1);
  Vector const d1 = _mm_unpackhi_epi32(b0, b1);
  return {_mm_unpacklo_epi64(c0, d0), _mm_unpackhi_epi64(c0, d0), _mm_unpacklo_epi64(c1, d1),
          _mm_unpackhi_epi64(c1, d1)};
}

XC_INLINE Vector times_cosine(Vector v) {
  return _mm_add_epi16(v, _mm_mulhi_epi16(v, words(20091)));
}
// 35468 does not fit a signed word; 35468 − 65536 does.
XC_INLINE Vector times_sine(Vector v) {
  return _mm_add_epi16(v, _mm_mulhi_epi16(v, words(35468 - 65536)));
}

XC_INLINE Rows inverse_butterfly(Rows const& in) {
  Vector const a = _mm_add_epi16(in.r0, in.r2);
  Vector const b = _mm_sub_epi16(in.r0, in.r2);
  Vector const c = _mm_sub_epi16(times_sine(in.r1), times_cosine(in.r3));
  Vector const d = _mm_add_epi16(times_cosine(in.r1), times_sine(in.r3));
  return {_mm_add_epi16(a, d), _mm_add_epi16(b, c), _mm_sub_epi16(b, c), _mm_sub_epi16(a, d)};
}

// The residue's rows.
XC_INLINE Rows inverse_dct(Rows const& coefficients) {
  Rows between = transpose(inverse_butterfly(coefficients));
  between.r0 = _mm_add_epi16(between.r0, words(4));
  Rows const sums = transpose(inverse_butterfly(between));
  return {_mm_srai_epi16(sums.r0, 3), _mm_srai_epi16(sums.r1, 3), _mm_srai_epi16(sums.r2, 3),
          _mm_srai_epi16(sums.r3, 3)};
}

XC_INLINE void add_eight(Sample* samples, Vector residue) {
  auto* const place = reinterpret_cast<Vector*>(samples);
  Vector const sum = _mm_add_epi16(_mm_cvtepu8_epi16(_mm_loadl_epi64(place)), residue);
  _mm_storel_epi64(place, _mm_packus_epi16(sum, sum));
}

XC_INLINE void add_four(Sample* samples, Vector residue) {
  std::int32_t bytes = 0;
  std::memcpy(&bytes, samples, 4);
  Vector const sum = _mm_add_epi16(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(bytes)), residue);
  bytes = _mm_cvtsi128_si32(_mm_packus_epi16(sum, sum));
  std::memcpy(samples, &bytes, 4);
}

void inverse_dct_add_pair(std::int16_t const* blocks, Sample* samples, Stride stride) {
  Vector const a01 = load(blocks);
  Vector const a23 = load(blocks + 8);
  Vector const b01 = load(blocks + 16);
  Vector const b23 = load(blocks + 24);
  Rows const residue = inverse_dct({_mm_unpacklo_epi64(a01, b01), _mm_unpackhi_epi64(a01, b01),
                                    _mm_unpacklo_epi64(a23, b23), _mm_unpackhi_epi64(a23, b23)});
  add_eight(samples, residue.r0);
  add_eight(samples + stride, residue.r1);
  add_eight(samples + 2 * stride, residue.r2);
  add_eight(samples + 3 * stride, residue.r3);
}

void inverse_dct_add(std::int16_t const* block, Sample* samples, Stride stride) {
  Vector const r01 = load(block);
  Vector const r23 = load(block + 8);
  Rows const residue = inverse_dct({r01, _mm_srli_si128(r01, 8), r23, _mm_srli_si128(r23, 8)});
  add_four(samples, residue.r0);
  add_four(samples + stride, residue.r1);
  add_four(samples + 2 * stride, residue.r2);
  add_four(samples + 3 * stride, residue.r3);
}

void inverse_dc_add_pair(std::int16_t const* blocks, Sample* samples, Stride stride) {
  Vector const left = _mm_shufflelo_epi16(_mm_cvtsi32_si128(blocks[0]), 0);
  Vector const right = _mm_shufflelo_epi16(_mm_cvtsi32_si128(blocks[16]), 0);
  Vector const sum = _mm_add_epi16(_mm_unpacklo_epi64(left, right), words(4));
  Vector const residue = _mm_srai_epi16(sum, 3);
  for (int row = 0; row < 4; ++row)
    add_eight(samples + row * stride, residue);
}

// √2·cos(π/8) and √2·sin(π/8), in 4096ths.
constexpr int kCosine = 5352;
constexpr int kSine = 2217;

// (a·x + b·y + rounding) >> bits of words, with 32 bits between.
template <int bits>
XC_INLINE Vector weighted_sum(Vector a, Vector b, int x, int y) {
  Vector const weights = _mm_set1_epi32((y << 16) | (x & 0xffff));
  Vector const rounding = _mm_set1_epi32(1 << (bits - 1));
  auto const half = [&](Vector pairs) {
    return _mm_srai_epi32(_mm_add_epi32(_mm_madd_epi16(pairs, weights), rounding), bits);
  };
  return _mm_packs_epi32(half(_mm_unpacklo_epi16(a, b)), half(_mm_unpackhi_epi16(a, b)));
}

struct Folded {
  Vector a, b, c, d;
};

XC_INLINE Folded fold(Rows const& x) {
  return {_mm_add_epi16(x.r0, x.r3), _mm_add_epi16(x.r1, x.r2), _mm_sub_epi16(x.r1, x.r2),
          _mm_sub_epi16(x.r0, x.r3)};
}

XC_INLINE Rows forward_dct(Rows const& residue) {
  Folded const f = fold({_mm_slli_epi16(residue.r0, 3), _mm_slli_epi16(residue.r1, 3),
                         _mm_slli_epi16(residue.r2, 3), _mm_slli_epi16(residue.r3, 3)});
  Rows const between =
      transpose({_mm_add_epi16(f.a, f.b), weighted_sum<12>(f.d, f.c, kCosine, kSine),
                 _mm_sub_epi16(f.a, f.b), weighted_sum<12>(f.d, f.c, kSine, -kCosine)});
  Folded const g = fold(between);
  Vector const rounding = words(8);
  return transpose({_mm_srai_epi16(_mm_add_epi16(_mm_add_epi16(g.a, g.b), rounding), 4),
                    weighted_sum<16>(g.d, g.c, kCosine, kSine),
                    _mm_srai_epi16(_mm_add_epi16(_mm_sub_epi16(g.a, g.b), rounding), 4),
                    weighted_sum<16>(g.d, g.c, kSine, -kCosine)});
}

XC_INLINE Vector residue_of_eight(Sample const* source, Sample const* prediction) {
  return _mm_sub_epi16(
      _mm_cvtepu8_epi16(_mm_loadl_epi64(reinterpret_cast<Vector const*>(source))),
      _mm_cvtepu8_epi16(_mm_loadl_epi64(reinterpret_cast<Vector const*>(prediction))));
}

void residue_dct_pair(Sample const* source, Stride source_stride, Sample const* prediction,
                      Stride stride, std::int16_t* blocks) {
  Rows const out =
      forward_dct({residue_of_eight(source, prediction),
                   residue_of_eight(source + source_stride, prediction + stride),
                   residue_of_eight(source + 2 * source_stride, prediction + 2 * stride),
                   residue_of_eight(source + 3 * source_stride, prediction + 3 * stride)});
  store(blocks, _mm_unpacklo_epi64(out.r0, out.r1));
  store(blocks + 8, _mm_unpacklo_epi64(out.r2, out.r3));
  store(blocks + 16, _mm_unpackhi_epi64(out.r0, out.r1));
  store(blocks + 24, _mm_unpackhi_epi64(out.r2, out.r3));
}

XC_INLINE Vector residue_of_four(Sample const* source, Sample const* prediction) {
  std::int32_t a = 0;
  std::int32_t b = 0;
  std::memcpy(&a, source, 4);
  std::memcpy(&b, prediction, 4);
  return _mm_sub_epi16(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(a)),
                       _mm_cvtepu8_epi16(_mm_cvtsi32_si128(b)));
}

void residue_dct(Sample const* source, Stride source_stride, Sample const* prediction,
                 Stride stride, std::int16_t* block) {
  Rows const out =
      forward_dct({residue_of_four(source, prediction),
                   residue_of_four(source + source_stride, prediction + stride),
                   residue_of_four(source + 2 * source_stride, prediction + 2 * stride),
                   residue_of_four(source + 3 * source_stride, prediction + 3 * stride)});
  store(block, _mm_unpacklo_epi64(out.r0, out.r1));
  store(block + 8, _mm_unpacklo_epi64(out.r2, out.r3));
}

// From raster to zigzag order: words from each half; 0x80 takes none.
XC_INLINE Vector in_zigzag(Vector low, Vector high, Vector from_low, Vector from_high) {
  return _mm_or_si128(_mm_shuffle_epi8(low, from_low), _mm_shuffle_epi8(high, from_high));
}

int quantise(std::int16_t* block, BlockQuantizer const& quantizer, std::int16_t* levels) {
  constexpr char kNone = -128;
  auto const half = [&](std::size_t first) {
    Vector const value = load(block + first);
    auto const from = [&](auto const& array) {
      return _mm_loadu_si128(reinterpret_cast<Vector const*>(array.data() + first));
    };
    Vector const magnitude = _mm_add_epi16(_mm_abs_epi16(value), from(quantizer.rounding));
    Vector const level =
        _mm_sign_epi16(_mm_mulhi_epu16(magnitude, from(quantizer.reciprocal)), value);
    store(block + first, _mm_mullo_epi16(level, from(quantizer.step)));
    return level;
  };
  Vector const low = half(0);
  Vector const high = half(8);
  Vector const first = in_zigzag(
      low, high, _mm_setr_epi8(0, 1, 2, 3, 8, 9, kNone, kNone, 10, 11, 4, 5, 6, 7, 12, 13),
      _mm_setr_epi8(kNone, kNone, kNone, kNone, kNone, kNone, 0, 1, kNone, kNone, kNone, kNone,
                    kNone, kNone, kNone, kNone));
  Vector const second =
      in_zigzag(low, high,
                _mm_setr_epi8(kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, 14, 15, kNone,
                              kNone, kNone, kNone, kNone, kNone),
                _mm_setr_epi8(2, 3, 8, 9, 10, 11, 4, 5, kNone, kNone, 6, 7, 12, 13, 14, 15));
  store(levels, first);
  store(levels + 8, second);
  Vector const zero = _mm_setzero_si128();
  Vector const zeros = _mm_packs_epi16(_mm_cmpeq_epi16(first, zero), _mm_cmpeq_epi16(second, zero));
  auto const set = ~static_cast<std::uint32_t>(_mm_movemask_epi8(zeros)) & 0xffffU;
  return 32 - std::countl_zero(set);
}

void add_to(Kernels& table) {
  table.inverse_dct_add = inverse_dct_add;
  table.inverse_dct_add_pair = inverse_dct_add_pair;
  table.inverse_dc_add_pair = inverse_dc_add_pair;
  table.residue_dct = residue_dct;
  table.residue_dct_pair = residue_dct_pair;
  table.quantise = quantise;
}

}  // namespace transforms
}  // namespace
}  // namespace xc::vp8
