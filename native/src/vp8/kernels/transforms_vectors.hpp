// Transforms and quantisation for two blocks at once: eight words hold a row of both. Each
// instruction set compiles its own copy; the scalar versions say what is right.
#pragma once

#include <bit>
#include <cstring>

#include "vp8/kernels/tables.hpp"
#include "vp8/kernels/vectors.hpp"

namespace xc::vp8 {
namespace {
namespace transforms {

using Sample = Kernels::Sample;
using Stride = Kernels::Stride;

XC_INLINE Vector words(int value) {
  return all_words(static_cast<std::int16_t>(value));
}

struct Rows {
  Vector r0, r1, r2, r3;
};

XC_INLINE Vector load(std::int16_t const* from) {
  return load_vector(from);
}
XC_INLINE void store(std::int16_t* to, Vector v) {
  store_vector(to, v);
}

// Both 4 × 4 blocks, each for itself.
XC_INLINE Rows transpose(Rows const& m) {
  Vector const a0 = zip_low_words(m.r0, m.r1);
  Vector const a1 = zip_low_words(m.r2, m.r3);
  Vector const b0 = zip_high_words(m.r0, m.r1);
  Vector const b1 = zip_high_words(m.r2, m.r3);
  Vector const c0 = zip_low_doubles(a0, a1);
  Vector const c1 = zip_high_doubles(a0, a1);
  Vector const d0 = zip_low_doubles(b0, b1);
  Vector const d1 = zip_high_doubles(b0, b1);
  return {low_halves(c0, d0), high_halves(c0, d0), low_halves(c1, d1), high_halves(c1, d1)};
}

XC_INLINE Vector times_cosine(Vector v) {
  return add_words(v, high_products(v, words(20091)));
}
// 35468 does not fit a signed word; 35468 − 65536 does.
XC_INLINE Vector times_sine(Vector v) {
  return add_words(v, high_products(v, words(35468 - 65536)));
}

XC_INLINE Rows inverse_butterfly(Rows const& in) {
  Vector const a = add_words(in.r0, in.r2);
  Vector const b = subtract_words(in.r0, in.r2);
  Vector const c = subtract_words(times_sine(in.r1), times_cosine(in.r3));
  Vector const d = add_words(times_cosine(in.r1), times_sine(in.r3));
  return {add_words(a, d), add_words(b, c), subtract_words(b, c), subtract_words(a, d)};
}

// The residue's rows.
XC_INLINE Rows inverse_dct(Rows const& coefficients) {
  Rows between = transpose(inverse_butterfly(coefficients));
  between.r0 = add_words(between.r0, words(4));
  Rows const sums = transpose(inverse_butterfly(between));
  return {shift_words_down(sums.r0, 3), shift_words_down(sums.r1, 3), shift_words_down(sums.r2, 3),
          shift_words_down(sums.r3, 3)};
}

XC_INLINE void add_eight(Sample* samples, Vector residue) {
  auto* const place = samples;
  Vector const sum = add_words(widen_samples(load_low_half(place)), residue);
  store_low_half(place, narrow_to_samples(sum, sum));
}

XC_INLINE void add_four(Sample* samples, Vector residue) {
  std::int32_t bytes = 0;
  std::memcpy(&bytes, samples, 4);
  Vector const sum = add_words(widen_samples(from_double(bytes)), residue);
  bytes = to_double(narrow_to_samples(sum, sum));
  std::memcpy(samples, &bytes, 4);
}

void inverse_dct_add_pair(std::int16_t const* blocks, Sample* samples, Stride stride) {
  Vector const a01 = load(blocks);
  Vector const a23 = load(blocks + 8);
  Vector const b01 = load(blocks + 16);
  Vector const b23 = load(blocks + 24);
  Rows const residue = inverse_dct(
      {low_halves(a01, b01), high_halves(a01, b01), low_halves(a23, b23), high_halves(a23, b23)});
  add_eight(samples, residue.r0);
  add_eight(samples + stride, residue.r1);
  add_eight(samples + 2 * stride, residue.r2);
  add_eight(samples + 3 * stride, residue.r3);
}

void inverse_dct_add(std::int16_t const* block, Sample* samples, Stride stride) {
  Vector const r01 = load(block);
  Vector const r23 = load(block + 8);
  Rows const residue = inverse_dct({r01, high_half(r01), r23, high_half(r23)});
  add_four(samples, residue.r0);
  add_four(samples + stride, residue.r1);
  add_four(samples + 2 * stride, residue.r2);
  add_four(samples + 3 * stride, residue.r3);
}

void inverse_dc_add_pair(std::int16_t const* blocks, Sample* samples, Stride stride) {
  Vector const left = all_words(blocks[0]);
  Vector const right = all_words(blocks[16]);
  Vector const sum = add_words(low_halves(left, right), words(4));
  Vector const residue = shift_words_down(sum, 3);
  for (int row = 0; row < 4; ++row)
    add_eight(samples + row * stride, residue);
}

// √2·cos(π/8) and √2·sin(π/8), in 4096ths.
constexpr int kCosine = 5352;
constexpr int kSine = 2217;

// (a·x + b·y + rounding) >> bits of words, with 32 bits between.
template <int bits>
XC_INLINE Vector weighted_sum(Vector a, Vector b, int x, int y) {
  Vector const weights = all_doubles((y << 16) | (x & 0xffff));
  Vector const rounding = all_doubles(1 << (bits - 1));
  auto const half = [&](Vector pairs) {
    return shift_doubles_down(add_doubles(sum_word_products(pairs, weights), rounding), bits);
  };
  return narrow_to_words(half(zip_low_words(a, b)), half(zip_high_words(a, b)));
}

struct Folded {
  Vector a, b, c, d;
};

XC_INLINE Folded fold(Rows const& x) {
  return {add_words(x.r0, x.r3), add_words(x.r1, x.r2), subtract_words(x.r1, x.r2),
          subtract_words(x.r0, x.r3)};
}

XC_INLINE Rows forward_dct(Rows const& residue) {
  Folded const f = fold({shift_words_left(residue.r0, 3), shift_words_left(residue.r1, 3),
                         shift_words_left(residue.r2, 3), shift_words_left(residue.r3, 3)});
  Rows const between =
      transpose({add_words(f.a, f.b), weighted_sum<12>(f.d, f.c, kCosine, kSine),
                 subtract_words(f.a, f.b), weighted_sum<12>(f.d, f.c, kSine, -kCosine)});
  Folded const g = fold(between);
  Vector const rounding = words(8);
  return transpose({shift_words_down(add_words(add_words(g.a, g.b), rounding), 4),
                    weighted_sum<16>(g.d, g.c, kCosine, kSine),
                    shift_words_down(add_words(subtract_words(g.a, g.b), rounding), 4),
                    weighted_sum<16>(g.d, g.c, kSine, -kCosine)});
}

XC_INLINE Vector residue_of_eight(Sample const* source, Sample const* prediction) {
  return subtract_words(widen_samples(load_low_half(source)),
                        widen_samples(load_low_half(prediction)));
}

void residue_dct_pair(Sample const* source, Stride source_stride, Sample const* prediction,
                      Stride stride, std::int16_t* blocks) {
  Rows const out =
      forward_dct({residue_of_eight(source, prediction),
                   residue_of_eight(source + source_stride, prediction + stride),
                   residue_of_eight(source + 2 * source_stride, prediction + 2 * stride),
                   residue_of_eight(source + 3 * source_stride, prediction + 3 * stride)});
  store(blocks, low_halves(out.r0, out.r1));
  store(blocks + 8, low_halves(out.r2, out.r3));
  store(blocks + 16, high_halves(out.r0, out.r1));
  store(blocks + 24, high_halves(out.r2, out.r3));
}

XC_INLINE Vector residue_of_four(Sample const* source, Sample const* prediction) {
  std::int32_t a = 0;
  std::int32_t b = 0;
  std::memcpy(&a, source, 4);
  std::memcpy(&b, prediction, 4);
  return subtract_words(widen_samples(from_double(a)), widen_samples(from_double(b)));
}

void residue_dct(Sample const* source, Stride source_stride, Sample const* prediction,
                 Stride stride, std::int16_t* block) {
  Rows const out =
      forward_dct({residue_of_four(source, prediction),
                   residue_of_four(source + source_stride, prediction + stride),
                   residue_of_four(source + 2 * source_stride, prediction + 2 * stride),
                   residue_of_four(source + 3 * source_stride, prediction + 3 * stride)});
  store(block, low_halves(out.r0, out.r1));
  store(block + 8, low_halves(out.r2, out.r3));
}

// From raster to zigzag order: words from each half; 0x80 takes none.
XC_INLINE Vector in_zigzag(Vector low, Vector high, Vector from_low, Vector from_high) {
  return bits_or(pick(low, from_low), pick(high, from_high));
}

int quantise(std::int16_t* block, BlockQuantizer const& quantizer, std::int16_t* levels) {
  constexpr char kNone = -128;
  auto const half = [&](std::size_t first) {
    Vector const value = load(block + first);
    auto const from = [&](auto const& array) { return load_vector(array.data() + first); };
    Vector const magnitude = add_words(magnitudes(value), from(quantizer.rounding));
    Vector const level =
        give_sign(high_products_unsigned(magnitude, from(quantizer.reciprocal)), value);
    store(block + first, low_products(level, from(quantizer.step)));
    return level;
  };
  Vector const low = half(0);
  Vector const high = half(8);
  Vector const first =
      in_zigzag(low, high, bytes_of(0, 1, 2, 3, 8, 9, kNone, kNone, 10, 11, 4, 5, 6, 7, 12, 13),
                bytes_of(kNone, kNone, kNone, kNone, kNone, kNone, 0, 1, kNone, kNone, kNone, kNone,
                         kNone, kNone, kNone, kNone));
  Vector const second =
      in_zigzag(low, high,
                bytes_of(kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, 14, 15, kNone,
                         kNone, kNone, kNone, kNone, kNone),
                bytes_of(2, 3, 8, 9, 10, 11, 4, 5, kNone, kNone, 6, 7, 12, 13, 14, 15));
  store(levels, first);
  store(levels + 8, second);
  Vector const zero = all_zero();
  Vector const zeros = narrow_to_bytes(equal_words(first, zero), equal_words(second, zero));
  auto const set = ~static_cast<std::uint32_t>(sign_bits(zeros)) & 0xffffU;
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
