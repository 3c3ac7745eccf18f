#include "vp8/residue_coder.hpp"

#include <gtest/gtest.h>

namespace xc::vp8 {
namespace {

constexpr int kIndex = 40;  // of the quantiser
constexpr int kBitWorth = 60;

// A grey macroblock with a ramp of so many steps in its first subblock.
FrameBuffer ramp(int height) {
  FrameBuffer picture(16, 16);
  for (std::size_t plane = 0; plane < 3; ++plane) {
    auto const& samples = picture.plane(plane);
    for (int y = 0; y < samples.height; ++y)
      std::fill_n(samples.row(y), samples.width, std::uint8_t{100});
  }
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x)
      picture.plane(0).row(y)[x] = static_cast<std::uint8_t>(100 + height * (2 * x - 3));
  }
  return picture;
}

// Levels of a macroblock that is predicted to be grey.
class Coded {
 public:
  explicit Coded(int height) : source_(ramp(height)) {
    TokenContext above;
    TokenContext left;
    coder_.code_block(grey_, 0, 0, 0, 0, choice_, above, left, alone_, coefficients_);
    coder_.code_macroblock(grey_, 0, false, 0, 0, choice_, {}, {}, levels_, coefficients_);
  }

  [[nodiscard]] bool block_has_levels() const { return alone_.ends[0] != 0; }
  [[nodiscard]] bool macroblock_has_levels() const { return any_level(levels_); }
  [[nodiscard]] bool ends_agree() const { return levels_.ends == coefficients_.ends; }

 private:
  FrameBuffer source_;
  FrameBuffer grey_ = ramp(0);
  QuantizerFactors factors_ = quantizer_factors(kIndex, {});
  LevelChoice choice_{kDefaultCoefficientProbabilities, factors_.y.ac, kBitWorth};
  ResidueCoder coder_{
      kernels_for(InstructionSet::kScalar), {factors_, factors_, factors_, factors_}, source_};
  MacroblockLevels alone_{};
  MacroblockLevels levels_{};
  MacroblockCoefficients coefficients_{};
};

TEST(ResidueCoder, keeps_no_levels_in_a_macroblock_where_they_gain_next_to_nothing) {
  int given_up = 0;
  int kept = 0;
  for (int height = 0; height < 30; ++height) {
    Coded const coded(height);
    EXPECT_LE(coded.macroblock_has_levels(), coded.block_has_levels()) << height;
    EXPECT_TRUE(coded.ends_agree()) << height;
    given_up += coded.block_has_levels() && !coded.macroblock_has_levels() ? 1 : 0;
    kept += coded.macroblock_has_levels() ? 1 : 0;
  }
  EXPECT_GT(given_up, 0);
  EXPECT_GT(kept, given_up);
}

}  // namespace
}  // namespace xc::vp8
