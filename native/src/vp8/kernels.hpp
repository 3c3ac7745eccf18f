// The inner loops, behind one table of functions: a scalar one, which defines what is right, and
// one for each instruction set, which must give the same samples on any input.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace xc::vp8 {

// RFC 6386 §15.2–15.4
struct EdgeLimits {
  int edge = 0;           // of the step across the edge
  int interior = 0;       // of the steps beside it
  int high_variance = 0;  // above it, only the two samples next to the edge change
};

// How one block of coefficients is quantised; arrays are in raster order.
struct alignas(32) BlockQuantizer {
  std::array<std::uint16_t, 16> reciprocal{};  // of the step, in 65536ths, rounded up
  std::array<std::uint16_t, 16> rounding{};    // added to the magnitude first; at most step / 2
  std::array<std::int16_t, 16> step{};
};

struct Kernels {
  using Sample = std::uint8_t;
  using Stride = std::ptrdiff_t;

  // Predicts a block from a reference whose sample at the block's own place moved by the whole part
  // of the motion vector is `source`; x and y are the fractions left, in eighths (§18). Six-tap
  // filters look at two samples before and three behind, bilinear ones at one behind.
  using Interpolate = void (*)(Sample* block, Stride stride, Sample const* source,
                               Stride source_stride, int height, int x, int y);
  // Blocks 16, 8 and 4 samples wide. With x and y both zero, copy.
  std::array<Interpolate, 3> copy;
  std::array<Interpolate, 3> sixtap;
  std::array<Interpolate, 3> bilinear;

  // §14.3: undoes the second-order transform; its results are the first coefficients of 16 blocks.
  void (*inverse_wht)(std::int16_t const* y2, std::int16_t* blocks);
  // §14.4: adds a block's inverse DCT to the prediction.
  void (*inverse_dct_add)(std::int16_t const* block, Sample* samples, Stride stride);
  // The same for two blocks beside each other.
  void (*inverse_dct_add_pair)(std::int16_t const* blocks, Sample* samples, Stride stride);
  // The same where only the first coefficient of each of the two is not zero.
  void (*inverse_dc_add_pair)(std::int16_t const* blocks, Sample* samples, Stride stride);

  // The DCT of source minus prediction for two blocks beside each other, on the scale that the
  // inverse expects.
  void (*residue_dct_pair)(Sample const* source, Stride source_stride, Sample const* prediction,
                           Stride stride, std::int16_t* blocks);
  // The same for one block.
  void (*residue_dct)(Sample const* source, Stride source_stride, Sample const* prediction,
                      Stride stride, std::int16_t* block);
  // Takes the first coefficients of 16 blocks, leaving zeros, and transforms them.
  void (*forward_wht)(std::int16_t* blocks, std::int16_t* y2);
  // Replaces coefficients by what the decoder will make of them. `levels` are in zigzag order.
  // Returns the position behind the last level that is not zero.
  int (*quantise)(std::int16_t* block, BlockQuantizer const& quantizer, std::int16_t* levels);

  // §15. Index 0: an edge between columns; 1: between rows. `samples` is the first one behind the
  // edge, at the macroblock's corner for inner edges, all of which are filtered.
  using LumaFilter = void (*)(Sample* samples, Stride stride, EdgeLimits const& limits);
  using ChromaFilter = void (*)(Sample* u, Sample* v, Stride stride, EdgeLimits const& limits);
  std::array<LumaFilter, 2> filter_luma_edge;
  std::array<LumaFilter, 2> filter_luma_inner;
  std::array<ChromaFilter, 2> filter_chroma_edge;
  std::array<ChromaFilter, 2> filter_chroma_inner;
  std::array<LumaFilter, 2> filter_simple_edge;
  std::array<LumaFilter, 2> filter_simple_inner;
};

enum class InstructionSet : std::uint8_t { kScalar, kSse41, kAvx2, kNeon };

// As in XC_SIMD: none, sse41, avx2, neon.
std::string_view name_of(InstructionSet set);
// Those that the machine has, the best one last.
std::vector<InstructionSet> const& instruction_sets();
// The table for an instruction set; the machine must have it.
Kernels const& kernels_for(InstructionSet set);

// The best table that the machine has, unless the environment variable XC_SIMD or select_kernels()
// chose another.
Kernels const& kernels();
// Names as in XC_SIMD; throws UsageError for others, and for what the machine does not have.
void select_kernels(std::string_view name);

}  // namespace xc::vp8
