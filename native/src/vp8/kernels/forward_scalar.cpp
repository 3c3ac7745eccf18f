// Forward transforms and quantisation. The format fixes only their inverses (RFC 6386 §14); with M
// the matrix of the inverse in one dimension, that is M·X·Mᵀ / 8, and MᵀM = 4, so the forward DCT
// is Mᵀ·x·M / 2. The same holds for the Walsh–Hadamard transform.
#include <cstdlib>

#include "vp8/kernels/tables.hpp"
#include "vp8/tables.hpp"

namespace xc::vp8 {
namespace {

using Sample = Kernels::Sample;
using Stride = Kernels::Stride;

// √2·cos(π/8) and √2·sin(π/8), in 4096ths.
constexpr int kCosine = 5352;
constexpr int kSine = 2217;

std::int16_t narrow(int value) {
  return static_cast<std::int16_t>(value);
}

// Columns, eight times too large; then rows, with the scale put right.
void residue_dct(Sample const* source, Stride source_stride, Sample const* prediction,
                 Stride stride, std::int16_t* block) {
  int between[16];
  for (int i = 0; i < 4; ++i) {
    int x[4];
    for (int row = 0; row < 4; ++row) {
      x[row] = 8 * (source[row * source_stride + i] - prediction[row * stride + i]);
    }
    int const a = x[0] + x[3];
    int const b = x[1] + x[2];
    int const c = x[1] - x[2];
    int const d = x[0] - x[3];
    between[i] = a + b;
    between[4 + i] = (d * kCosine + c * kSine + 2048) >> 12;
    between[8 + i] = a - b;
    between[12 + i] = (d * kSine - c * kCosine + 2048) >> 12;
  }
  for (int row = 0; row < 4; ++row) {
    auto const* x = between + 4 * row;
    int const a = x[0] + x[3];
    int const b = x[1] + x[2];
    int const c = x[1] - x[2];
    int const d = x[0] - x[3];
    auto* out = block + 4 * row;
    out[0] = narrow((a + b + 8) >> 4);
    out[1] = narrow((d * kCosine + c * kSine + 32768) >> 16);
    out[2] = narrow((a - b + 8) >> 4);
    out[3] = narrow((d * kSine - c * kCosine + 32768) >> 16);
  }
}

void residue_dct_pair(Sample const* source, Stride source_stride, Sample const* prediction,
                      Stride stride, std::int16_t* blocks) {
  residue_dct(source, source_stride, prediction, stride, blocks);
  residue_dct(source + 4, source_stride, prediction + 4, stride, blocks + 16);
}

void forward_wht(std::int16_t* blocks, std::int16_t* y2) {
  int between[16];
  for (int i = 0; i < 4; ++i) {
    int x[4];
    for (int row = 0; row < 4; ++row) {
      x[row] = blocks[16 * (4 * row + i)];
      blocks[16 * (4 * row + i)] = 0;
    }
    int const a = x[0] + x[3];
    int const b = x[1] + x[2];
    int const c = x[1] - x[2];
    int const d = x[0] - x[3];
    between[i] = a + b;
    between[4 + i] = c + d;
    between[8 + i] = a - b;
    between[12 + i] = d - c;
  }
  for (int row = 0; row < 4; ++row) {
    auto const* x = between + 4 * row;
    int const a = x[0] + x[3];
    int const b = x[1] + x[2];
    int const c = x[1] - x[2];
    int const d = x[0] - x[3];
    auto* out = y2 + 4 * row;
    out[0] = narrow((a + b + 1) >> 1);
    out[1] = narrow((c + d + 1) >> 1);
    out[2] = narrow((a - b + 1) >> 1);
    out[3] = narrow((d - c + 1) >> 1);
  }
}

int quantise(std::int16_t* block, BlockQuantizer const& quantizer, std::int16_t* levels) {
  int end = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    std::size_t const at = kZigzag[i];
    int const value = block[at];
    auto const magnitude = static_cast<std::uint16_t>(std::abs(value) + quantizer.rounding[at]);
    int const level =
        static_cast<int>(static_cast<std::uint32_t>(magnitude) * quantizer.reciprocal[at] >> 16);
    levels[i] = narrow(value < 0 ? -level : level);
    block[at] = narrow(levels[i] * quantizer.step[at]);
    if (level != 0) end = static_cast<int>(i) + 1;
  }
  return end;
}

}  // namespace

void add_scalar_forward_transforms(Kernels& table) {
  table.residue_dct_pair = residue_dct_pair;
  table.residue_dct = residue_dct;
  table.forward_wht = forward_wht;
  table.quantise = quantise;
}

}  // namespace xc::vp8
