// Inter-prediction filters (RFC 6386 §18.3).
#include <algorithm>
#include <cstring>

#include "vp8/kernels/tables.hpp"
#include "vp8/tables.hpp"

namespace xc::vp8 {
namespace {

using Sample = Kernels::Sample;
using Stride = Kernels::Stride;

constexpr int kMaxHeight = 16;

Sample clamp_sample(int value) {
  return static_cast<Sample>(std::clamp(value, 0, 255));
}

template <int width>
void copy(Sample* block, Stride stride, Sample const* source, Stride source_stride, int height,
          int /*x*/, int /*y*/) {
  for (int row = 0; row < height; ++row) {
    std::memcpy(block + row * stride, source + row * source_stride, width);
  }
}

// One sample between source[0] and source[step].
Sample filter_six(Sample const* source, Stride step, std::array<std::int16_t, 6> const& taps) {
  int sum = 64;
  for (int i = 0; i < 6; ++i)
    sum += taps[static_cast<std::size_t>(i)] * source[(i - 2) * step];
  return clamp_sample(sum >> 7);
}

// Columns first, then rows, with samples of 8 bits between. A fraction of zero changes nothing.
template <int width>
void sixtap(Sample* block, Stride stride, Sample const* source, Stride source_stride, int height,
            int x, int y) {
  Sample between[(kMaxHeight + 5) * width] = {};
  Sample const* from = source - 2 * source_stride;
  for (int row = 0; row < height + 5; ++row, from += source_stride) {
    for (int column = 0; column < width; ++column) {
      between[row * width + column] =
          x == 0 ? from[column]
                 : filter_six(from + column, 1, kSixtapFilters[static_cast<std::size_t>(x)]);
    }
  }
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) {
      block[row * stride + column] = filter_six(between + (row + 2) * width + column, width,
                                                kSixtapFilters[static_cast<std::size_t>(y)]);
    }
  }
}

Sample filter_two(Sample const* source, Stride step, std::array<std::int16_t, 2> const& taps) {
  return static_cast<Sample>((taps[0] * source[0] + taps[1] * source[step] + 64) >> 7);
}

template <int width>
void bilinear(Sample* block, Stride stride, Sample const* source, Stride source_stride, int height,
              int x, int y) {
  Sample between[(kMaxHeight + 1) * width] = {};
  for (int row = 0; row < height + 1; ++row, source += source_stride) {
    for (int column = 0; column < width; ++column) {
      between[row * width + column] =
          filter_two(source + column, 1, kBilinearFilters[static_cast<std::size_t>(x)]);
    }
  }
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) {
      block[row * stride + column] = filter_two(between + row * width + column, width,
                                                kBilinearFilters[static_cast<std::size_t>(y)]);
    }
  }
}

}  // namespace

void add_scalar_interpolation(Kernels& table) {
  table.copy = {copy<16>, copy<8>, copy<4>};
  table.sixtap = {sixtap<16>, sixtap<8>, sixtap<4>};
  table.bilinear = {bilinear<16>, bilinear<8>, bilinear<4>};
}

}  // namespace xc::vp8
