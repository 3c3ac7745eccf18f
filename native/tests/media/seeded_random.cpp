#include "media/seeded_random.hpp"

#include <cstdlib>

namespace xc::testing {
namespace {

std::uint64_t choose_seed() {
  if (char const* const fixed = std::getenv("XC_TEST_SEED"))
    return std::strtoull(fixed, nullptr, 10);
  return std::random_device()();
}

}  // namespace

std::uint64_t seed() {
  static std::uint64_t const chosen = choose_seed();
  return chosen;
}

std::vector<std::uint8_t> Random::bytes(std::size_t size) {
  std::vector<std::uint8_t> result(size);
  for (std::uint8_t& byte : result)
    byte = static_cast<std::uint8_t>(engine_());
  return result;
}

}  // namespace xc::testing
