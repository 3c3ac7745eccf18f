// Chooses the levels of a block by rate and distortion: a level is lowered, or the block ended
// early, where the bits saved are worth more than the error added. The best of all such choices is
// found, by dynamic programming over the contexts in which tokens are coded (RFC 6386 §13.3).
//
// Integers only, so that every machine chooses alike.
#pragma once

#include <array>
#include <cstdint>

#include "vp8/coefficients.hpp"
#include "vp8/kernels.hpp"
#include "vp8/tables.hpp"
#include "vp8/tokens.hpp"

namespace xc::vp8 {

class LevelChoice {
 public:
  using Block = std::array<std::int16_t, 16>;

  // `probabilities` are those that tokens will probably be coded with. `bit_worth` is what a bit
  // may cost, in 1024ths of the square of `step`, the quantiser's step for luma.
  LevelChoice(CoefficientProbabilities const& probabilities, int step, int bit_worth);

  // From now on errors are worth `visibility` 256ths of what is usual.
  void look_at(std::uint32_t visibility);

  // What was chosen for a block. `gain`: what it saves against a block that has neither levels nor
  // tokens, in 256ths of a bit; less than nothing where that would be cheaper.
  struct Chosen {
    int end;
    std::int64_t gain;
  };

  // `original` are a block's coefficients in raster order, `levels` (zigzag order) what they were
  // quantised to, which ends at `end` > first, and `block` what a decoder makes of those. Lowers
  // levels, and changes the block and the end with them. `context`: how many of the neighbours have
  // tokens.
  Chosen lower(Block const& original, BlockQuantizer const& quantizer, BlockType type,
               std::size_t context, int end, Block& levels, Block& block) const;
  // A block that has no levels: all there is to choose.
  [[nodiscard]] Chosen nothing(BlockType type, std::size_t context) const;

 private:
  // What tokens cost in one place: [kind], in 256ths of a bit.
  using Costs = std::array<std::uint32_t, kTokenKinds>;
  // After a zero, where end-of-block is not possible; contexts 1 and 2; and context 0 where it is.
  static constexpr std::size_t kAfterZero = 0;
  static constexpr std::size_t kVariants = 4;
  static constexpr std::size_t kFirstOfBlock = 3;

  using CostsOfType = std::array<std::array<Costs, kVariants>, 8>;  // [band][variant]
  // What all from a place on costs, by its variant.
  using Rest = std::array<std::int64_t, kVariants>;
  struct Options;

  static Rest behind(CostsOfType const& costs, int end);
  static std::size_t first_variant(std::size_t context) {
    return context == 0 ? kFirstOfBlock : context;
  }

  std::array<CostsOfType, 4> costs_;  // [type]
  // Costs of a squared error of one, in 65536ths of the unit of costs; by type.
  std::array<std::int64_t, 4> weights_{};
  std::array<std::int64_t, 4> usual_weights_{};
};

}  // namespace xc::vp8
