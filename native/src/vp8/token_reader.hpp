// Reads a macroblock's coefficients (RFC 6386 §13) and dequantises them (§14.1).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "vp8/bool_decoder.hpp"
#include "vp8/coefficients.hpp"
#include "vp8/quantizer.hpp"
#include "vp8/tables.hpp"

namespace xc::vp8 {

// Reads the tokens of one macroblock. `coefficients` must be zero where they are; afterwards they
// hold dequantised coefficients. `above` and `left` are the contexts, which are brought up to date.
// Returns whether there was any token but end-of-block.
bool read_tokens(BoolDecoder& decoder, CoefficientProbabilities const& probabilities, bool with_y2,
                 QuantizerFactors const& factors, TokenContext& above, TokenContext& left,
                 MacroblockCoefficients& coefficients);

}  // namespace xc::vp8
