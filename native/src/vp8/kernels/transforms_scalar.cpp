// Inverse transforms (RFC 6386 §14.3, §14.4). Sums that leave 16 bits wrap around: only damaged
// streams get there, and every instruction set must agree on them.
#include <algorithm>

#include "vp8/kernels/tables.hpp"

namespace xc::vp8 {
namespace {

using Sample = Kernels::Sample;
using Stride = Kernels::Stride;

std::int16_t wrap(int value) {
  return static_cast<std::int16_t>(value);
}

Sample add(Sample prediction, int residue) {
  return static_cast<Sample>(std::clamp(prediction + residue, 0, 255));
}

void inverse_wht(std::int16_t const* y2, std::int16_t* blocks) {
  std::int16_t between[16];
  for (int i = 0; i < 4; ++i) {
    int const a = wrap(y2[i] + y2[12 + i]);
    int const b = wrap(y2[4 + i] + y2[8 + i]);
    int const c = wrap(y2[4 + i] - y2[8 + i]);
    int const d = wrap(y2[i] - y2[12 + i]);
    between[i] = wrap(a + b);
    between[4 + i] = wrap(c + d);
    between[8 + i] = wrap(a - b);
    between[12 + i] = wrap(d - c);
  }
  for (int i = 0; i < 4; ++i) {
    auto const* row = between + 4 * i;
    int const a = wrap(row[0] + row[3]);
    int const b = wrap(row[1] + row[2]);
    int const c = wrap(row[1] - row[2]);
    int const d = wrap(row[0] - row[3]);
    auto* out = blocks + 64 * i;
    out[0] = wrap(wrap(a + b + 3) >> 3);
    out[16] = wrap(wrap(c + d + 3) >> 3);
    out[32] = wrap(wrap(a - b + 3) >> 3);
    out[48] = wrap(wrap(d - c + 3) >> 3);
  }
}

// √2·cos(π/8) − 1 and √2·sin(π/8), in 65536ths.
int times_cosine(int value) {
  return wrap(value + ((value * 20091) >> 16));
}
int times_sine(int value) {
  return wrap((value * 35468) >> 16);
}

struct Four {
  int a, b, c, d;
};

Four butterfly(int i0, int i1, int i2, int i3) {
  int const a = wrap(i0 + i2);
  int const b = wrap(i0 - i2);
  int const c = wrap(times_sine(i1) - times_cosine(i3));
  int const d = wrap(times_cosine(i1) + times_sine(i3));
  return {wrap(a + d), wrap(b + c), wrap(b - c), wrap(a - d)};
}

void inverse_dct_add(std::int16_t const* block, Sample* samples, Stride stride) {
  int between[16];
  for (int i = 0; i < 4; ++i) {
    auto const [a, b, c, d] = butterfly(block[i], block[4 + i], block[8 + i], block[12 + i]);
    between[i] = a;
    between[4 + i] = b;
    between[8 + i] = c;
    between[12 + i] = d;
  }
  for (int i = 0; i < 4; ++i, samples += stride) {
    auto const* row = between + 4 * i;
    auto const [a, b, c, d] = butterfly(wrap(row[0] + 4), row[1], row[2], row[3]);
    samples[0] = add(samples[0], a >> 3);
    samples[1] = add(samples[1], b >> 3);
    samples[2] = add(samples[2], c >> 3);
    samples[3] = add(samples[3], d >> 3);
  }
}

void inverse_dct_add_pair(std::int16_t const* blocks, Sample* samples, Stride stride) {
  inverse_dct_add(blocks, samples, stride);
  inverse_dct_add(blocks + 16, samples + 4, stride);
}

void inverse_dc_add_pair(std::int16_t const* blocks, Sample* samples, Stride stride) {
  int const left = wrap(blocks[0] + 4) >> 3;
  int const right = wrap(blocks[16] + 4) >> 3;
  for (int row = 0; row < 4; ++row, samples += stride) {
    for (int i = 0; i < 4; ++i) {
      samples[i] = add(samples[i], left);
      samples[4 + i] = add(samples[4 + i], right);
    }
  }
}

}  // namespace

void add_scalar_transforms(Kernels& table) {
  table.inverse_wht = inverse_wht;
  table.inverse_dct_add = inverse_dct_add;
  table.inverse_dct_add_pair = inverse_dct_add_pair;
  table.inverse_dc_add_pair = inverse_dc_add_pair;
}

}  // namespace xc::vp8
