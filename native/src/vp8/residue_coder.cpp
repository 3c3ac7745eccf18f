#include "vp8/residue_coder.hpp"

#include <cstring>

namespace xc::vp8 {
namespace {

// Magnitudes are rounded down more often than up: a smaller level is cheaper. In 128ths of a step.
struct Rounding {
  int dc;
  int ac;
};
constexpr Rounding kLumaRounding{48, 48};
constexpr Rounding kSecondOrderRounding{48, 48};
constexpr Rounding kChromaRounding{48, 48};

// What the levels of a macroblock must gain, in 256ths of a bit. Less is not worth that its inner
// edges are filtered and that tokens near it cost more.
constexpr std::int64_t kLeastGain = 4 * 256;

BlockQuantizer make_quantizer(BlockFactors const& factors, Rounding const& rounding) {
  BlockQuantizer quantizer;
  for (std::size_t i = 0; i < 16; ++i) {
    int const step = i == 0 ? factors.dc : factors.ac;
    int const share = i == 0 ? rounding.dc : rounding.ac;
    quantizer.step[i] = static_cast<std::int16_t>(step);
    quantizer.reciprocal[i] = static_cast<std::uint16_t>((65536 + step - 1) / step);
    quantizer.rounding[i] = static_cast<std::uint16_t>(step * share / 128);
  }
  return quantizer;
}

}  // namespace

ResidueCoder::ResidueCoder(Kernels const& kernels, SegmentFactors const& factors,
                           FrameBuffer const& source)
    : kernels_(kernels), source_(source) {
  for (std::size_t segment = 0; segment < 4; ++segment) {
    auto const& of = factors[segment];
    quantizers_[segment] = {make_quantizer(of.y, kLumaRounding),
                            make_quantizer(of.y2, kSecondOrderRounding),
                            make_quantizer(of.uv, kChromaRounding)};
  }
}

void ResidueCoder::transform(std::size_t plane, FrameBuffer const& picture, int row, int column,
                             int size, std::int16_t* blocks) const {
  auto const source = source_.plane(plane);
  auto const prediction = picture.plane(plane);
  for (int y = row; y < row + size; y += 4) {
    for (int x = column; x < column + size; x += 8, blocks += 32) {
      kernels_.residue_dct_pair(source.row(y) + x, source.stride, prediction.row(y) + x,
                                prediction.stride, blocks);
    }
  }
}

void ResidueCoder::transform_block(FrameBuffer const& picture, int row, int column,
                                   std::size_t block, MacroblockCoefficients& coefficients) const {
  int const y = 16 * row + 4 * static_cast<int>(block >> 2);
  int const x = 16 * column + 4 * static_cast<int>(block & 3);
  auto const source = source_.plane(0);
  auto const prediction = picture.plane(0);
  kernels_.residue_dct(source.row(y) + x, source.stride, prediction.row(y) + x, prediction.stride,
                       coefficients.blocks[block].data());
}

void ResidueCoder::round(BlockQuantizer const& quantizer, std::size_t block,
                         MacroblockLevels& levels, MacroblockCoefficients& coefficients) const {
  int const end =
      kernels_.quantise(coefficients.blocks[block].data(), quantizer, levels.blocks[block].data());
  levels.ends[block] = coefficients.ends[block] = static_cast<std::uint8_t>(end);
}

std::int64_t ResidueCoder::choose(BlockQuantizer const& quantizer, BlockType type,
                                  std::size_t block, LevelChoice const& choice, std::uint8_t& above,
                                  std::uint8_t& left, MacroblockLevels& levels,
                                  MacroblockCoefficients& coefficients) const {
  auto const original = coefficients.blocks[block];
  round(quantizer, block, levels, coefficients);
  std::size_t const context = std::size_t{above} + left;
  int const end = levels.ends[block];
  auto const chosen = end == 0 ? choice.nothing(type, context)
                               : choice.lower(original, quantizer, type, context, end,
                                              levels.blocks[block], coefficients.blocks[block]);
  levels.ends[block] = coefficients.ends[block] = static_cast<std::uint8_t>(chosen.end);
  above = left = chosen.end != 0 ? 1 : 0;
  return chosen.gain;
}

void ResidueCoder::code_macroblock(FrameBuffer const& picture, std::size_t segment, bool with_y2,
                                   int row, int column, LevelChoice const& choice,
                                   TokenContext above, TokenContext left, MacroblockLevels& levels,
                                   MacroblockCoefficients& coefficients) const {
  auto const luma =
      code_luma(picture, segment, with_y2, row, column, choice, above, left, levels, coefficients);
  auto const chroma =
      code_chroma(picture, segment, row, column, choice, above, left, levels, coefficients);
  if (luma + chroma < kLeastGain) levels.ends = coefficients.ends = {};
}

void ResidueCoder::code_block(FrameBuffer const& picture, std::size_t segment, int row, int column,
                              std::size_t block, LevelChoice const& choice, TokenContext& above,
                              TokenContext& left, MacroblockLevels& levels,
                              MacroblockCoefficients& coefficients) const {
  transform_block(picture, row, column, block, coefficients);
  choose(quantizers_[segment].y, BlockType::kLuma, block, choice, above.y[block & 3],
         left.y[block >> 2], levels, coefficients);
}

std::int64_t ResidueCoder::code_luma(FrameBuffer const& picture, std::size_t segment, bool with_y2,
                                     int row, int column, LevelChoice const& choice,
                                     TokenContext& above, TokenContext& left,
                                     MacroblockLevels& levels,
                                     MacroblockCoefficients& coefficients) const {
  auto const& quantizers = quantizers_[segment];
  transform(0, picture, 16 * row, 16 * column, 16, coefficients.blocks[0].data());
  levels.ends[kY2] = coefficients.ends[kY2] = 0;
  std::int64_t gain = 0;
  if (with_y2) {
    kernels_.forward_wht(coefficients.blocks[0].data(), coefficients.blocks[kY2].data());
    gain += choose(quantizers.y2, BlockType::kSecondOrder, kY2, choice, above.y2, left.y2, levels,
                   coefficients);
  }
  auto const type = with_y2 ? BlockType::kLumaAfterY2 : BlockType::kLuma;
  for (std::size_t i = 0; i < 16; ++i) {
    gain +=
        choose(quantizers.y, type, i, choice, above.y[i & 3], left.y[i >> 2], levels, coefficients);
  }
  return gain;
}

std::int64_t ResidueCoder::code_chroma(FrameBuffer const& picture, std::size_t segment, int row,
                                       int column, LevelChoice const& choice, TokenContext& above,
                                       TokenContext& left, MacroblockLevels& levels,
                                       MacroblockCoefficients& coefficients) const {
  transform(1, picture, 8 * row, 8 * column, 8, coefficients.blocks[kFirstU].data());
  transform(2, picture, 8 * row, 8 * column, 8, coefficients.blocks[kFirstV].data());
  auto const& quantizer = quantizers_[segment].uv;
  std::int64_t gain = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    gain += choose(quantizer, BlockType::kChroma, kFirstU + i, choice, above.u[i & 1],
                   left.u[i >> 1], levels, coefficients);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    gain += choose(quantizer, BlockType::kChroma, kFirstV + i, choice, above.v[i & 1],
                   left.v[i >> 1], levels, coefficients);
  }
  return gain;
}

bool any_level(MacroblockLevels const& levels) {
  static constexpr std::array<std::uint8_t, kBlocks> kNone{};
  return std::memcmp(levels.ends.data(), kNone.data(), kBlocks) != 0;
}

}  // namespace xc::vp8
