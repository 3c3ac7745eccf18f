#include "vp8/token_reader.hpp"

namespace xc::vp8 {
namespace {

using BlockProbabilities = std::array<std::array<std::array<Probability, 11>, 3>, 8>;

// Extra bits of the value categories (RFC 6386 §13.2), the highest first; zero ends each row.
constexpr std::array<std::array<Probability, 12>, 6> kExtraBits{
    {{159},
     {165, 145},
     {173, 148, 140},
     {176, 155, 140, 135},
     {180, 157, 141, 134, 130},
     {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}}};

// Entry 16 is never used; it lets the loop look ahead.
constexpr std::array<std::uint8_t, 17> kBands{0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0};
constexpr std::array<std::uint8_t, 16> kScan{0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};

[[gnu::always_inline]] inline int read_category(BoolDecoder& decoder, std::size_t category) {
  constexpr std::array<int, 6> kBase{5, 7, 11, 19, 35, 67};
  int extra = 0;
  for (auto const* p = kExtraBits[category].data(); *p != 0; ++p) {
    extra = 2 * extra + static_cast<int>(decoder.read(*p));
  }
  return kBase[category] + extra;
}

// A value of two or more.
[[gnu::always_inline]] inline int read_large(BoolDecoder& decoder, Probability const* p) {
  if (!decoder.read(p[3])) {
    if (!decoder.read(p[4])) return 2;
    return 3 + static_cast<int>(decoder.read(p[5]));
  }
  std::size_t category = 0;
  if (!decoder.read(p[6])) {
    category = decoder.read(p[7]) ? 1 : 0;
  } else if (!decoder.read(p[8])) {
    category = decoder.read(p[9]) ? 3 : 2;
  } else {
    category = decoder.read(p[10]) ? 5 : 4;
  }
  return read_category(decoder, category);
}

// Reads a block of which it is known that its first token is not end-of-block. Returns the position
// behind the last token. The product is kept in 16 bits, as in the decoders that the format was
// defined by.
[[gnu::always_inline]] inline int read_block_with(BoolDecoder& decoder,
                                                  BlockProbabilities const& probabilities,
                                                  std::size_t context, int position,
                                                  BlockFactors const& factors, std::int16_t* out) {
  auto const* p = probabilities[kBands[static_cast<std::size_t>(position)]][context].data();
  for (;;) {
    auto n = static_cast<std::size_t>(position);
    while (!decoder.read(p[1])) {
      if (++n == 16) return 16;
      p = probabilities[kBands[n]][0].data();
    }
    int value = 1;
    auto const& next = probabilities[kBands[n + 1]];
    if (decoder.read(p[2])) {
      value = read_large(decoder, p);
      p = next[2].data();
    } else {
      p = next[1].data();
    }
    int const sign = -static_cast<int>(decoder.read_flag());
    value = (value ^ sign) - sign;
    out[kScan[n]] = static_cast<std::int16_t>(value * (n == 0 ? factors.dc : factors.ac));
    position = static_cast<int>(n) + 1;
    if (position == 16 || !decoder.read(p[0])) return position;
  }
}

// Works on a copy of the decoder, which the compiler can keep in registers.
int read_block(BoolDecoder& decoder, BlockProbabilities const& probabilities, std::size_t context,
               int position, BlockFactors const& factors, std::int16_t* out) {
  BoolDecoder copy = decoder;
  int const end = read_block_with(copy, probabilities, context, position, factors, out);
  decoder = copy;
  return end;
}

struct Reader {
  BoolDecoder& decoder;
  MacroblockCoefficients& coefficients;
  unsigned any = 0;

  void block(BlockProbabilities const& probabilities, std::size_t index, int first,
             BlockFactors const& factors, std::uint8_t& above, std::uint8_t& left) {
    auto const context = static_cast<std::size_t>(above + left);
    auto const* p = probabilities[static_cast<std::size_t>(first)][context].data();
    // Most blocks are empty.
    int const end = decoder.read(p[0]) ? read_block(decoder, probabilities, context, first, factors,
                                                    coefficients.blocks[index].data())
                                       : 0;
    coefficients.ends[index] = static_cast<std::uint8_t>(end);
    above = left = static_cast<std::uint8_t>(end > 0);
    any |= static_cast<unsigned>(end);
  }
};

}  // namespace

bool read_tokens(BoolDecoder& decoder, CoefficientProbabilities const& probabilities, bool with_y2,
                 QuantizerFactors const& factors, TokenContext& above, TokenContext& left,
                 MacroblockCoefficients& coefficients) {
  Reader reader{decoder, coefficients};
  auto type = BlockType::kLuma;
  if (with_y2) {
    type = BlockType::kLumaAfterY2;
    reader.block(probabilities[static_cast<std::size_t>(BlockType::kSecondOrder)], kY2, 0,
                 factors.y2, above.y2, left.y2);
  }
  auto const& luma = probabilities[static_cast<std::size_t>(type)];
  for (std::size_t i = 0; i < 16; ++i) {
    reader.block(luma, i, with_y2 ? 1 : 0, factors.y, above.y[i & 3], left.y[i >> 2]);
  }
  auto const& chroma = probabilities[static_cast<std::size_t>(BlockType::kChroma)];
  for (std::size_t i = 0; i < 4; ++i) {
    reader.block(chroma, kFirstU + i, 0, factors.uv, above.u[i & 1], left.u[i >> 1]);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    reader.block(chroma, kFirstV + i, 0, factors.uv, above.v[i & 1], left.v[i >> 1]);
  }
  return reader.any != 0;
}

}  // namespace xc::vp8
