// Loop filters (RFC 6386 §15) for 16 places along an edge at once. Each instruction set compiles
// its own copy; the scalar version says what is right.
#pragma once

#include "vp8/kernels/tables.hpp"
#include "vp8/kernels/vectors.hpp"

namespace xc::vp8 {
namespace {
namespace loop {

using Sample = Kernels::Sample;
using Stride = Kernels::Stride;

XC_INLINE Vector all(int value) {
  return all_bytes(value);
}

// The samples on both sides of an edge, p3 p2 p1 p0 | q0 q1 q2 q3, each for 16 places.
struct Across {
  Vector p3, p2, p1, p0, q0, q1, q2, q3;
};

XC_INLINE Vector difference(Vector a, Vector b) {
  return bits_or(subtract_samples_saturated(a, b), subtract_samples_saturated(b, a));
}

// All ones where the value is not above the limit.
XC_INLINE Vector not_above(Vector value, Vector limit) {
  return equal_bytes(subtract_samples_saturated(value, limit), all_zero());
}

XC_INLINE Vector within_edge_limit(Across const& s, int limit) {
  Vector const step = difference(s.p0, s.q0);
  Vector const outer = bits_and(shift_words_right(difference(s.p1, s.q1), 1), all(0x7f));
  return not_above(add_samples_saturated(add_samples_saturated(step, step), outer), all(limit));
}

struct Masks {
  Vector filter;
  Vector high_variance;
};

XC_INLINE Masks masks_of(Across const& s, EdgeLimits const& limits) {
  Vector const near = max_samples(difference(s.p1, s.p0), difference(s.q1, s.q0));
  Vector far = max_samples(difference(s.p3, s.p2), difference(s.p2, s.p1));
  far = max_samples(far, max_samples(difference(s.q3, s.q2), difference(s.q2, s.q1)));
  Vector const inside = not_above(max_samples(near, far), all(limits.interior));
  Vector const calm = not_above(near, all(limits.high_variance));
  return {bits_and(inside, within_edge_limit(s, limits.edge)), bits_xor(calm, all(0xff))};
}

XC_INLINE Vector flip_sign(Vector v) {
  return bits_xor(v, all(0x80));
}

// Arithmetic shift right of signed bytes.
template <int bits>
XC_INLINE Vector shift_right(Vector v) {
  Vector const shifted = bits_and(shift_words_right(flip_sign(v), bits), all(0xff >> bits));
  return subtract_bytes(shifted, all(0x80 >> bits));
}

// clamp(outer + 3·(q0 − p0)) of signed samples.
XC_INLINE Vector base_change(Vector outer, Vector p0, Vector q0) {
  Vector const step = subtract_bytes_saturated(q0, p0);
  return add_bytes_saturated(add_bytes_saturated(add_bytes_saturated(outer, step), step), step);
}

// Changes p0 and q0 (signed); returns by how much q0 went down.
XC_INLINE Vector adjust(Vector change, Vector& p0, Vector& q0) {
  Vector const behind = shift_right<3>(add_bytes_saturated(change, all(4)));
  Vector const before = shift_right<3>(add_bytes_saturated(change, all(3)));
  q0 = subtract_bytes_saturated(q0, behind);
  p0 = add_bytes_saturated(p0, before);
  return behind;
}

XC_INLINE void filter_inner(Across& s, EdgeLimits const& limits) {
  Masks const masks = masks_of(s, limits);
  Vector p1 = flip_sign(s.p1);
  Vector p0 = flip_sign(s.p0);
  Vector q0 = flip_sign(s.q0);
  Vector q1 = flip_sign(s.q1);
  Vector const outer = bits_and(subtract_bytes_saturated(p1, q1), masks.high_variance);
  Vector const change = bits_and(base_change(outer, p0, q0), masks.filter);
  Vector const behind = adjust(change, p0, q0);
  Vector const outer_change =
      and_not(masks.high_variance, shift_right<1>(add_bytes(behind, all(1))));
  s.q1 = flip_sign(subtract_bytes_saturated(q1, outer_change));
  s.p1 = flip_sign(add_bytes_saturated(p1, outer_change));
  s.p0 = flip_sign(p0);
  s.q0 = flip_sign(q0);
}

// clamp((weight·w + 63) >> 7); `low` and `high` are the two halves of w as words.
XC_INLINE Vector weighted(Vector low, Vector high, int weight) {
  auto const one = [&](Vector half) {
    Vector const product = low_products(half, all_words(static_cast<std::int16_t>(weight)));
    return shift_words_down(add_words(product, all_words(63)), 7);
  };
  return narrow_to_bytes(one(low), one(high));
}

XC_INLINE void change_pair(Vector& before, Vector& behind, Vector change) {
  behind = flip_sign(subtract_bytes_saturated(flip_sign(behind), change));
  before = flip_sign(add_bytes_saturated(flip_sign(before), change));
}

XC_INLINE void filter_edge(Across& s, EdgeLimits const& limits) {
  Masks const masks = masks_of(s, limits);
  Vector const p1 = flip_sign(s.p1);
  Vector const q1 = flip_sign(s.q1);
  Vector p0 = flip_sign(s.p0);
  Vector q0 = flip_sign(s.q0);
  Vector const w = bits_and(base_change(subtract_bytes_saturated(p1, q1), p0, q0), masks.filter);
  adjust(bits_and(w, masks.high_variance), p0, q0);
  s.p0 = flip_sign(p0);
  s.q0 = flip_sign(q0);
  Vector const calm = and_not(masks.high_variance, w);
  Vector const low = widen_bytes(calm);
  Vector const high = widen_bytes(high_half(calm));
  change_pair(s.p0, s.q0, weighted(low, high, 27));
  change_pair(s.p1, s.q1, weighted(low, high, 18));
  change_pair(s.p2, s.q2, weighted(low, high, 9));
}

XC_INLINE void filter_simple(Across& s, EdgeLimits const& limits) {
  Vector const mask = within_edge_limit(s, limits.edge);
  Vector p0 = flip_sign(s.p0);
  Vector q0 = flip_sign(s.q0);
  Vector const outer = subtract_bytes_saturated(flip_sign(s.p1), flip_sign(s.q1));
  adjust(bits_and(base_change(outer, p0, q0), mask), p0, q0);
  s.p0 = flip_sign(p0);
  s.q0 = flip_sign(q0);
}

using Filter = void (*)(Across&, EdgeLimits const&);

XC_INLINE Vector load(Sample const* from) {
  return load_vector(from);
}
XC_INLINE void store(Sample* to, Vector v) {
  store_vector(to, v);
}
XC_INLINE Vector load_half(Sample const* from) {
  return load_low_half(from);
}

// Eight rows of eight samples become four vectors of two columns each.
struct Columns {
  Vector c01, c23, c45, c67;
};

XC_INLINE Columns transpose_half(Sample const* s, Stride stride) {
  Vector const a0 = zip_low_bytes(load_half(s), load_half(s + stride));
  Vector const a1 = zip_low_bytes(load_half(s + 2 * stride), load_half(s + 3 * stride));
  Vector const a2 = zip_low_bytes(load_half(s + 4 * stride), load_half(s + 5 * stride));
  Vector const a3 = zip_low_bytes(load_half(s + 6 * stride), load_half(s + 7 * stride));
  Vector const b0 = zip_low_words(a0, a1);
  Vector const b1 = zip_high_words(a0, a1);
  Vector const b2 = zip_low_words(a2, a3);
  Vector const b3 = zip_high_words(a2, a3);
  return {zip_low_doubles(b0, b2), zip_high_doubles(b0, b2), zip_low_doubles(b1, b3),
          zip_high_doubles(b1, b3)};
}

// Two times eight rows, whose edge lies between the fourth and the fifth sample.
XC_INLINE Across load_columns(Sample const* first, Sample const* second, Stride stride) {
  Columns const a = transpose_half(first, stride);
  Columns const b = transpose_half(second, stride);
  return {low_halves(a.c01, b.c01),  high_halves(a.c01, b.c01), low_halves(a.c23, b.c23),
          high_halves(a.c23, b.c23), low_halves(a.c45, b.c45),  high_halves(a.c45, b.c45),
          low_halves(a.c67, b.c67),  high_halves(a.c67, b.c67)};
}

XC_INLINE void store_two_rows(Sample* s, Stride stride, Vector rows) {
  store_low_half(s, rows);
  store_low_half(s + stride, high_halves(rows, rows));
}

// Rows from words of columns 0 … 3 and 4 … 7, of four rows each pair.
XC_INLINE void store_four_rows(Sample* s, Stride stride, Vector left, Vector right) {
  store_two_rows(s, stride, zip_low_doubles(left, right));
  store_two_rows(s + 2 * stride, stride, zip_high_doubles(left, right));
}

XC_INLINE void store_columns(Across const& v, Sample* first, Sample* second, Stride stride) {
  Vector const a0 = zip_low_bytes(v.p3, v.p2);
  Vector const a1 = zip_low_bytes(v.p1, v.p0);
  Vector const a2 = zip_low_bytes(v.q0, v.q1);
  Vector const a3 = zip_low_bytes(v.q2, v.q3);
  store_four_rows(first, stride, zip_low_words(a0, a1), zip_low_words(a2, a3));
  store_four_rows(first + 4 * stride, stride, zip_high_words(a0, a1), zip_high_words(a2, a3));
  Vector const b0 = zip_high_bytes(v.p3, v.p2);
  Vector const b1 = zip_high_bytes(v.p1, v.p0);
  Vector const b2 = zip_high_bytes(v.q0, v.q1);
  Vector const b3 = zip_high_bytes(v.q2, v.q3);
  store_four_rows(second, stride, zip_low_words(b0, b1), zip_low_words(b2, b3));
  store_four_rows(second + 4 * stride, stride, zip_high_words(b0, b1), zip_high_words(b2, b3));
}

// An edge between columns: `first` and `second` are eight rows each.
template <Filter filter>
void between_columns(Sample* first, Sample* second, Stride stride, EdgeLimits const& limits) {
  Across samples = load_columns(first - 4, second - 4, stride);
  filter(samples, limits);
  store_columns(samples, first - 4, second - 4, stride);
}

template <Filter filter>
void between_rows(Sample* s, Stride stride, EdgeLimits const& limits) {
  Across v{
      load(s - 4 * stride), load(s - 3 * stride), load(s - 2 * stride), load(s - stride), load(s),
      load(s + stride),     load(s + 2 * stride), load(s + 3 * stride)};
  filter(v, limits);
  // The compiler leaves out stores of what the filter did not change.
  store(s - 3 * stride, v.p2);
  store(s - 2 * stride, v.p1);
  store(s - stride, v.p0);
  store(s, v.q0);
  store(s + stride, v.q1);
  store(s + 2 * stride, v.q2);
}

template <Filter filter>
void luma_columns(Sample* s, Stride stride, EdgeLimits const& limits) {
  between_columns<filter>(s, s + 8 * stride, stride, limits);
}

template <Filter filter>
void luma_inner_columns(Sample* s, Stride stride, EdgeLimits const& limits) {
  for (int i = 4; i < 16; i += 4)
    luma_columns<filter>(s + i, stride, limits);
}

template <Filter filter>
void luma_inner_rows(Sample* s, Stride stride, EdgeLimits const& limits) {
  for (int i = 4; i < 16; i += 4)
    between_rows<filter>(s + i * stride, stride, limits);
}

template <Filter filter>
void chroma_columns(Sample* u, Sample* v, Stride stride, EdgeLimits const& limits) {
  between_columns<filter>(u, v, stride, limits);
}

template <Filter filter>
void chroma_rows(Sample* u, Sample* v, Stride stride, EdgeLimits const& limits) {
  auto const both = [&](int row) {
    return low_halves(load_half(u + row * stride), load_half(v + row * stride));
  };
  Across s{both(-4), both(-3), both(-2), both(-1), both(0), both(1), both(2), both(3)};
  filter(s, limits);
  auto const split = [&](int row, Vector value) {
    store_low_half(u + row * stride, value);
    store_low_half(v + row * stride, high_halves(value, value));
  };
  split(-3, s.p2);
  split(-2, s.p1);
  split(-1, s.p0);
  split(0, s.q0);
  split(1, s.q1);
  split(2, s.q2);
}

template <Filter filter>
void chroma_inner_columns(Sample* u, Sample* v, Stride stride, EdgeLimits const& limits) {
  chroma_columns<filter>(u + 4, v + 4, stride, limits);
}

template <Filter filter>
void chroma_inner_rows(Sample* u, Sample* v, Stride stride, EdgeLimits const& limits) {
  chroma_rows<filter>(u + 4 * stride, v + 4 * stride, stride, limits);
}

void add_to(Kernels& table) {
  table.filter_luma_edge = {luma_columns<filter_edge>, between_rows<filter_edge>};
  table.filter_luma_inner = {luma_inner_columns<filter_inner>, luma_inner_rows<filter_inner>};
  table.filter_chroma_edge = {chroma_columns<filter_edge>, chroma_rows<filter_edge>};
  table.filter_chroma_inner = {chroma_inner_columns<filter_inner>, chroma_inner_rows<filter_inner>};
  table.filter_simple_edge = {luma_columns<filter_simple>, between_rows<filter_simple>};
  table.filter_simple_inner = {luma_inner_columns<filter_simple>, luma_inner_rows<filter_simple>};
}

}  // namespace loop
}  // namespace
}  // namespace xc::vp8
