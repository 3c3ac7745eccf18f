#include "media/md5.hpp"

#include <algorithm>
#include <string_view>

#include <gtest/gtest.h>

#include "media/seeded_random.hpp"

namespace xc {
namespace {

using testing::Random;

std::string md5_of(std::string_view text) {
  return md5(std::span(reinterpret_cast<std::uint8_t const*>(text.data()), text.size()));
}

TEST(Md5, GivesTheSumsOfRfc1321) {
  EXPECT_EQ(md5_of(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5_of("a"), "0cc175b9c0f1b6a831c399e269772661");
  EXPECT_EQ(md5_of("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(md5_of("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(md5_of("abcdefghijklmnopqrstuvwxyz"), "c3fcd3d76192e4007dfb496cca67e13b");
  EXPECT_EQ(md5_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
            "d174ab98d277d9f5a5611c2c9f419d9f");
  EXPECT_EQ(md5_of("1234567890123456789012345678901234567890123456789012345678901234567890123456"
                   "7890"),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Md5, DoesNotDependOnHowTheMessageIsCut) {
  XC_TRACE_SEED();
  Random random;
  for (std::size_t size = 0; size < 200; ++size) {
    std::vector<std::uint8_t> const message = random.bytes(size);
    Md5 in_parts;
    std::span<std::uint8_t const> rest(message);
    while (!rest.empty()) {
      std::size_t const part = std::min(rest.size(), random.between<std::size_t>(0, 70));
      in_parts.update(rest.first(part));
      rest = rest.subspan(part);
    }
    EXPECT_EQ(in_parts.finish(), md5(message)) << size;
  }
}

TEST(Md5, OfAPictureIsThatOfItsSamples) {
  XC_TRACE_SEED();
  Random random(1);
  Picture const picture = random.picture(17, 9);
  EXPECT_EQ(md5(picture.view()), md5(picture.samples()));
}

}  // namespace
}  // namespace xc
