// Every function of every instruction set against the scalar one, on random and on extreme input.
#include "vp8/kernels.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "media/seeded_random.hpp"

namespace xc::vp8 {
namespace {

using testing::Random;

constexpr std::ptrdiff_t kStride = 64;
constexpr std::size_t kArea = 64 * 48;
constexpr std::ptrdiff_t kCentre = 16 * kStride + 24;

// Random samples, nearly flat ones that filters act on, or only the extremes.
std::vector<std::uint8_t> samples(Random& random) {
  auto area = random.bytes(kArea);
  int const kind = random.between(0, 3);
  int const middle = random.between(0, 255);
  int const spread = random.between(1, 24);
  for (auto& sample : area) {
    if (kind == 0) sample = sample < 128 ? 0 : 255;
    if (kind >= 2) {
      sample =
          static_cast<std::uint8_t>(std::clamp(middle + random.between(-spread, spread), 0, 255));
    }
  }
  return area;
}

template <std::size_t size>
std::array<std::int16_t, size> words(Random& random) {
  static constexpr std::array<int, 5> kRanges{3, 60, 600, 4000, 32767};
  int const range = kRanges[random.between<std::size_t>(0, kRanges.size() - 1)];
  std::array<std::int16_t, size> values{};
  for (auto& value : values) {
    if (random.chance(0.6)) value = static_cast<std::int16_t>(random.between(-range - 1, range));
  }
  return values;
}

class KernelsTest : public testing::Random, public ::testing::TestWithParam<InstructionSet> {
 protected:
  Kernels const& scalar = kernels_for(InstructionSet::kScalar);
  Kernels const& fast = kernels_for(GetParam());
};

TEST_P(KernelsTest, interpolation_gives_the_same_samples) {
  XC_TRACE_SEED();
  for (int i = 0; i < 300; ++i) {
    auto const source = samples(*this);
    auto const target = samples(*this);
    for (auto const kind : {&Kernels::copy, &Kernels::sixtap, &Kernels::bilinear}) {
      for (std::size_t width = 0; width < 3; ++width) {
        for (int const height : {16, 8, 4}) {
          int const x = between(0, 7);
          int const y = between(0, 7);
          auto expected = target;
          auto got = target;
          (scalar.*kind)[width](&expected[kCentre], kStride, &source[kCentre], kStride, height, x,
                                y);
          (fast.*kind)[width](&got[kCentre], kStride, &source[kCentre], kStride, height, x, y);
          ASSERT_EQ(got, expected) << "width " << (16 >> width) << " fraction " << x << ", " << y;
        }
      }
    }
  }
}

TEST_P(KernelsTest, inverse_transforms_give_the_same_samples) {
  XC_TRACE_SEED();
  for (int i = 0; i < 5000; ++i) {
    auto const target = samples(*this);
    auto const blocks = words<32>(*this);
    for (auto const kind : {&Kernels::inverse_dct_add, &Kernels::inverse_dct_add_pair,
                            &Kernels::inverse_dc_add_pair}) {
      auto expected = target;
      auto got = target;
      (scalar.*kind)(blocks.data(), &expected[kCentre], kStride);
      (fast.*kind)(blocks.data(), &got[kCentre], kStride);
      ASSERT_EQ(got, expected);
    }
    std::array<std::int16_t, 256> expected{};
    std::array<std::int16_t, 256> got{};
    scalar.inverse_wht(blocks.data(), expected.data());
    fast.inverse_wht(blocks.data(), got.data());
    ASSERT_EQ(got, expected);
  }
}

TEST_P(KernelsTest, forward_transforms_give_the_same_coefficients) {
  XC_TRACE_SEED();
  for (int i = 0; i < 5000; ++i) {
    auto const source = samples(*this);
    auto const prediction = samples(*this);
    for (auto const kind : {&Kernels::residue_dct, &Kernels::residue_dct_pair}) {
      std::array<std::int16_t, 32> expected{};
      std::array<std::int16_t, 32> got{};
      (scalar.*kind)(&source[kCentre], kStride, &prediction[kCentre], kStride, expected.data());
      (fast.*kind)(&source[kCentre], kStride, &prediction[kCentre], kStride, got.data());
      ASSERT_EQ(got, expected);
    }
    auto expected_blocks = words<256>(*this);
    for (auto& value : expected_blocks)
      value = static_cast<std::int16_t>(value / 16);
    auto got_blocks = expected_blocks;
    std::array<std::int16_t, 16> expected{};
    std::array<std::int16_t, 16> got{};
    scalar.forward_wht(expected_blocks.data(), expected.data());
    fast.forward_wht(got_blocks.data(), got.data());
    ASSERT_EQ(got, expected);
    ASSERT_EQ(got_blocks, expected_blocks);
  }
}

TEST_P(KernelsTest, quantisation_gives_the_same_levels) {
  XC_TRACE_SEED();
  for (int i = 0; i < 20000; ++i) {
    BlockQuantizer quantizer;
    for (std::size_t k = 0; k < 16; ++k) {
      int const step = between(4, 440);
      quantizer.step[k] = static_cast<std::int16_t>(step);
      quantizer.reciprocal[k] = static_cast<std::uint16_t>((65536 + step - 1) / step);
      quantizer.rounding[k] = static_cast<std::uint16_t>(between(0, step / 2));
    }
    auto expected_block = words<16>(*this);
    auto got_block = expected_block;
    std::array<std::int16_t, 16> expected{};
    std::array<std::int16_t, 16> got{};
    int const expected_end = scalar.quantise(expected_block.data(), quantizer, expected.data());
    int const got_end = fast.quantise(got_block.data(), quantizer, got.data());
    ASSERT_EQ(got, expected);
    ASSERT_EQ(got_block, expected_block);
    ASSERT_EQ(got_end, expected_end);
  }
}

EdgeLimits random_limits(Random& random) {
  int const level = random.between(1, 63);
  int const interior = random.between(1, level);
  return {2 * level + 4 + interior, interior, random.between(0, 3)};
}

TEST_P(KernelsTest, loop_filters_give_the_same_samples) {
  XC_TRACE_SEED();
  for (int i = 0; i < 3000; ++i) {
    auto const area = samples(*this);
    auto const limits = random_limits(*this);
    for (std::size_t direction = 0; direction < 2; ++direction) {
      for (auto const kind : {&Kernels::filter_luma_edge, &Kernels::filter_luma_inner,
                              &Kernels::filter_simple_edge, &Kernels::filter_simple_inner}) {
        auto expected = area;
        auto got = area;
        (scalar.*kind)[direction](&expected[kCentre], kStride, limits);
        (fast.*kind)[direction](&got[kCentre], kStride, limits);
        ASSERT_EQ(got, expected) << "direction " << direction;
      }
      for (auto const kind : {&Kernels::filter_chroma_edge, &Kernels::filter_chroma_inner}) {
        auto expected = area;
        auto got = area;
        (scalar.*kind)[direction](&expected[kCentre], &expected[kCentre + 16], kStride, limits);
        (fast.*kind)[direction](&got[kCentre], &got[kCentre + 16], kStride, limits);
        ASSERT_EQ(got, expected) << "chroma, direction " << direction;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, KernelsTest, ::testing::ValuesIn(instruction_sets()),
                         [](auto const& set) { return std::string(name_of(set.param)); });

}  // namespace
}  // namespace xc::vp8
