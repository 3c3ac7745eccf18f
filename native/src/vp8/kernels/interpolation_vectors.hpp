// Inter-prediction filters (RFC 6386 §18.3) for eight samples at once. Each instruction set
// compiles its own copy; the scalar version says what is right.
//
// Six taps are taken as three pairs of products. Pairing the first with the last, and each of the
// two large ones with a negative one, keeps each pair's sum within 16 bits; only the last addition
// can saturate, and then the sample is 255 anyway.
#pragma once

#include <array>
#include <cstring>

#include "vp8/kernels/tables.hpp"
#include "vp8/kernels/vectors.hpp"
#include "vp8/tables.hpp"

namespace xc::vp8 {
namespace {
namespace interpolation {

using Sample = Kernels::Sample;
using Stride = Kernels::Stride;

constexpr int kMaxHeight = 16;

XC_INLINE Vector load(Sample const* from) {
  return load_vector(from);
}
XC_INLINE Vector load_half(Sample const* from) {
  return load_low_half(from);
}

template <int width>
XC_INLINE void store(Sample* to, Vector samples) {
  if constexpr (width == 16) {
    store_vector(to, samples);
  } else if constexpr (width == 8) {
    store_low_half(to, samples);
  } else {
    int const four = to_double(samples);
    std::memcpy(to, &four, 4);
  }
}

XC_INLINE Vector pair_of(int first, int second) {
  return all_words(static_cast<std::int16_t>((second << 8) | (first & 0xff)));
}

// Words to samples: (sum + 64) >> 7.
XC_INLINE Vector round_words(Vector sum) {
  return shift_words_down(add_words_saturated(sum, all_words(64)), 7);
}

struct SixTaps {
  Vector t05, t24, t31;

  explicit SixTaps(int fraction) {
    auto const& taps = kSixtapFilters[static_cast<std::size_t>(fraction)];
    t05 = pair_of(taps[0], taps[5]);
    t24 = pair_of(taps[2], taps[4]);
    t31 = pair_of(taps[3], taps[1]);
  }

  // Pairs of samples at taps 0 and 5, 2 and 4, 3 and 1.
  [[nodiscard]] Vector apply(Vector s05, Vector s24, Vector s31) const {
    Vector const small = add_words(sum_sample_products(s05, t05), sum_sample_products(s24, t24));
    return round_words(add_words_saturated(small, sum_sample_products(s31, t31)));
  }
};

// Eight filtered samples, as words, from 13 that start two before.
XC_INLINE Vector six_across(Vector samples, SixTaps const& taps) {
  Vector const at05 = bytes_of(0, 5, 1, 6, 2, 7, 3, 8, 4, 9, 5, 10, 6, 11, 7, 12);
  Vector const at24 = bytes_of(2, 4, 3, 5, 4, 6, 5, 7, 6, 8, 7, 9, 8, 10, 9, 11);
  Vector const at31 = bytes_of(3, 1, 4, 2, 5, 3, 6, 4, 7, 5, 8, 6, 9, 7, 10, 8);
  return taps.apply(pick(samples, at05), pick(samples, at24), pick(samples, at31));
}

template <int width>
void sixtap_columns(Sample* to, Stride stride, Sample const* source, Stride source_stride,
                    int height, int x) {
  SixTaps const taps(x);
  for (int row = 0; row < height; ++row, to += stride, source += source_stride) {
    Vector const low = six_across(load(source - 2), taps);
    Vector const high = width == 16 ? six_across(load(source + 6), taps) : low;
    store<width>(to, narrow_to_samples(low, high));
  }
}

template <int width>
XC_INLINE Vector load_row(Sample const* from) {
  return width == 16 ? load(from) : load_half(from);
}

template <int width>
void sixtap_rows(Sample* to, Stride stride, Sample const* source, Stride source_stride, int height,
                 int y) {
  SixTaps const taps(y);
  auto const row_at = [&](int row) { return load_row<width>(source + row * source_stride); };
  Vector r0 = row_at(-2);
  Vector r1 = row_at(-1);
  Vector r2 = row_at(0);
  Vector r3 = row_at(1);
  Vector r4 = row_at(2);
  for (int row = 0; row < height; ++row, to += stride) {
    Vector const r5 = row_at(row + 3);
    Vector const low =
        taps.apply(zip_low_bytes(r0, r5), zip_low_bytes(r2, r4), zip_low_bytes(r3, r1));
    Vector high = low;
    if constexpr (width == 16) {
      high = taps.apply(zip_high_bytes(r0, r5), zip_high_bytes(r2, r4), zip_high_bytes(r3, r1));
    }
    store<width>(to, narrow_to_samples(low, high));
    r0 = r1;
    r1 = r2;
    r2 = r3;
    r3 = r4;
    r4 = r5;
  }
}

template <int width>
void copy(Sample* block, Stride stride, Sample const* source, Stride source_stride, int height) {
  for (int row = 0; row < height; ++row) {
    std::memcpy(block + row * stride, source + row * source_stride, width);
  }
}

template <int width>
void sixtap(Sample* block, Stride stride, Sample const* source, Stride source_stride, int height,
            int x, int y) {
  if ((x | y) == 0) {
    copy<width>(block, stride, source, source_stride, height);
  } else if (y == 0) {
    sixtap_columns<width>(block, stride, source, source_stride, height, x);
  } else if (x == 0) {
    sixtap_rows<width>(block, stride, source, source_stride, height, y);
  } else {
    constexpr int kRow = width == 16 ? 16 : 8;
    // Rows of four are read as rows of eight.
    alignas(16) Sample between[(kMaxHeight + 5) * kRow];
    sixtap_columns<kRow>(between, kRow, source - 2 * source_stride, source_stride, height + 5, x);
    sixtap_rows<width>(block, stride, between + 2 * kRow, kRow, height, y);
  }
}

XC_INLINE Vector two_taps(int fraction) {
  auto const& taps = kBilinearFilters[static_cast<std::size_t>(fraction)];
  return pair_of(taps[0], taps[1]);
}

// From `step` on there is the second sample of each pair.
template <int width>
void bilinear_pass(Sample* to, Stride stride, Sample const* source, Stride source_stride,
                   Stride step, int height, int fraction) {
  Vector const taps = two_taps(fraction);
  for (int row = 0; row < height; ++row, to += stride, source += source_stride) {
    Vector const first = load_row<width>(source);
    Vector const second = load_row<width>(source + step);
    Vector const low = round_words(sum_sample_products(zip_low_bytes(first, second), taps));
    Vector high = low;
    if constexpr (width == 16) {
      high = round_words(sum_sample_products(zip_high_bytes(first, second), taps));
    }
    store<width>(to, narrow_to_samples(low, high));
  }
}

template <int width>
void bilinear(Sample* block, Stride stride, Sample const* source, Stride source_stride, int height,
              int x, int y) {
  if ((x | y) == 0) {
    copy<width>(block, stride, source, source_stride, height);
  } else if (y == 0) {
    bilinear_pass<width>(block, stride, source, source_stride, 1, height, x);
  } else if (x == 0) {
    bilinear_pass<width>(block, stride, source, source_stride, source_stride, height, y);
  } else {
    constexpr int kRow = width == 16 ? 16 : 8;
    alignas(16) Sample between[(kMaxHeight + 1) * kRow];
    bilinear_pass<kRow>(between, kRow, source, source_stride, 1, height + 1, x);
    bilinear_pass<width>(block, stride, between, kRow, kRow, height, y);
  }
}

void add_to(Kernels& table) {
  table.sixtap = {sixtap<16>, sixtap<8>, sixtap<4>};
  table.bilinear = {bilinear<16>, bilinear<8>, bilinear<4>};
}

}  // namespace interpolation
}  // namespace
}  // namespace xc::vp8
