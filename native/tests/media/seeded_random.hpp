// Random numbers for property tests. The seed is printed when a test fails; XC_TEST_SEED fixes it.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "media/picture.hpp"

namespace xc::testing {

// The seed of this run: XC_TEST_SEED, or else drawn at random.
std::uint64_t seed();

// Names the seed in the message of whatever fails in the enclosing block.
#define XC_TRACE_SEED() SCOPED_TRACE("XC_TEST_SEED=" + std::to_string(::xc::testing::seed()))

class Random {
 public:
  // `stream` keeps generators of one run apart.
  explicit Random(std::uint64_t stream = 0) : engine_(seed() + stream) {}

  template <typename Number>
  Number between(Number least, Number most) {
    return std::uniform_int_distribution<Number>(least, most)(engine_);
  }
  bool chance(double probability) { return std::bernoulli_distribution(probability)(engine_); }
  std::vector<std::uint8_t> bytes(std::size_t size);
  Picture picture(int width, int height) {
    return {width, height, bytes(i420_size(width, height))};
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace xc::testing
