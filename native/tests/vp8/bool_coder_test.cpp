#include <vector>

#include <gtest/gtest.h>

#include "media/seeded_random.hpp"
#include "vp8/bool_decoder.hpp"
#include "vp8/bool_encoder.hpp"

namespace xc::vp8 {
namespace {

struct Bit {
  bool value;
  Probability probability;
};

std::vector<Bit> random_bits(testing::Random& random, std::size_t count, double likely) {
  std::vector<Bit> bits(count);
  for (auto& bit : bits) {
    bit.probability = static_cast<Probability>(random.between(1, 255));
    bool const probable = bit.probability < 128;
    bit.value = random.chance(likely) ? probable : !probable;
  }
  return bits;
}

TEST(BoolCoder, decodes_what_was_encoded_whatever_the_probabilities) {
  XC_TRACE_SEED();
  testing::Random random;
  for (std::size_t count = 0; count < 300; ++count) {
    for (double const likely : {0.0, 0.5, 0.95}) {
      auto const bits = random_bits(random, count * count / 9, likely);
      std::vector<std::uint8_t> bytes{17, 4};
      BoolEncoder encoder(bytes);
      for (auto const& bit : bits)
        encoder.write(bit.value, bit.probability);
      encoder.finish();
      EXPECT_EQ(bytes[0], 17);
      BoolDecoder decoder(std::span<std::uint8_t const>(bytes).subspan(2));
      for (std::size_t i = 0; i < bits.size(); ++i) {
        ASSERT_EQ(decoder.read(bits[i].probability), bits[i].value)
            << "bit " << i << " of " << count;
      }
    }
  }
}

TEST(BoolCoder, a_carry_runs_through_any_number_of_bytes) {
  // Improbable ones drive the encoder's low end up to 0xffff…; the last ones tip it over.
  for (int length = 1; length < 200; ++length) {
    std::vector<std::uint8_t> bytes;
    BoolEncoder encoder(bytes);
    for (int i = 0; i < length; ++i)
      encoder.write(true, 1);
    for (int i = 0; i < 20; ++i)
      encoder.write(i % 3 == 0, 254);
    encoder.finish();
    BoolDecoder decoder(bytes);
    for (int i = 0; i < length; ++i)
      ASSERT_TRUE(decoder.read(1));
    for (int i = 0; i < 20; ++i)
      ASSERT_EQ(decoder.read(254), i % 3 == 0);
  }
}

TEST(BoolCoder, literals_and_signed_numbers_come_back) {
  std::vector<std::uint8_t> bytes;
  BoolEncoder encoder(bytes);
  for (int value = -63; value < 64; ++value)
    encoder.write_signed(value, 6);
  encoder.write_literal(0x1234, 13);
  encoder.finish();
  BoolDecoder decoder(bytes);
  for (int value = -63; value < 64; ++value)
    EXPECT_EQ(decoder.read_signed(6), value);
  EXPECT_EQ(decoder.read_literal(13), 0x1234U);
}

TEST(BoolCoder, more_than_eight_bits_follow_what_a_decoder_has_taken_when_it_has_read_all) {
  for (std::size_t count = 1; count < 100; ++count) {
    std::vector<std::uint8_t> bytes;
    BoolEncoder encoder(bytes);
    for (std::size_t i = 0; i < count; ++i)
      encoder.write_flag(false);
    encoder.finish();
    std::size_t const taken = count - 1;  // the first one leaves the range above its lower bound
    EXPECT_GT(8 * bytes.size(), taken + 8) << count;
    EXPECT_LE(8 * bytes.size(), taken + 16) << count;
  }
}

TEST(BoolCoder, behind_the_end_there_are_zero_bits) {
  BoolDecoder decoder(std::span<std::uint8_t const>{});
  for (int i = 0; i < 1000; ++i)
    EXPECT_FALSE(decoder.read_flag());
}

}  // namespace
}  // namespace xc::vp8
