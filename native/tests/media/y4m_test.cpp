#include "media/y4m.hpp"

#include <tuple>

#include <gtest/gtest.h>

#include "media/bytes.hpp"
#include "media/error.hpp"
#include "media/expect_error.hpp"
#include "media/seeded_random.hpp"
#include "media/temporary_folder.hpp"

namespace xc {
namespace {

using testing::Random;
using testing::TemporaryFolder;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kUnlimited = std::size_t{1} << 30;

Bytes bytes_of(std::string const& text) {
  return {text.begin(), text.end()};
}

Y4mHeader header_of(std::string const& text) {
  Bytes const bytes = bytes_of(text);
  return Y4mReader(memory_input(bytes)).header();
}

void expect_refused(std::string const& text, std::string const& message_part) {
  Bytes const bytes = bytes_of(text);
  XC_EXPECT_ERROR(Y4mReader(memory_input(bytes)).rest(), BadInput, message_part);
}

Bytes written(Y4mHeader const& header, std::vector<Picture> const& pictures) {
  TemporaryFolder const folder;
  std::string const path = folder.file("clip.y4m");
  Output output(path);
  Y4mWriter writer(output, header);
  for (Picture const& picture : pictures)
    writer.write(picture.view());
  output.commit();
  return read_file(path, kUnlimited);
}

TEST(Y4m, WhatIsWrittenIsReadBack) {
  XC_TRACE_SEED();
  Random random;
  for (int round = 0; round < 30; ++round) {
    Y4mHeader header;
    header.width = random.between(1, 70);
    header.height = random.between(1, 70);
    header.rate_numerator = random.between<std::uint32_t>(1, 100000);
    header.rate_denominator = random.between<std::uint32_t>(1, 2000);
    std::vector<Picture> pictures;
    for (int left = random.between(0, 4); left > 0; --left) {
      pictures.push_back(random.picture(header.width, header.height));
    }
    Bytes const bytes = written(header, pictures);
    Y4mReader reader(memory_input(bytes));
    EXPECT_EQ(reader.header(), header);
    EXPECT_EQ(reader.rest(), pictures);
    reader.rewind();
    EXPECT_EQ(reader.rest(), pictures);
  }
}

TEST(Y4m, RowsThatLieApartAreWrittenWithoutThePadding) {
  XC_TRACE_SEED();
  Random random(1);
  Picture const wide = random.picture(32, 10);
  PictureView narrow = wide.view();
  narrow.y.width = 9;
  narrow.u.width = narrow.v.width = 5;
  Bytes const bytes = written({9, 10, 30, 1}, {Picture(narrow)});
  std::optional<Picture> const read = Y4mReader(memory_input(bytes)).next();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->view().v.row(4)[4], wide.view().v.row(4)[4]);
}

TEST(Y4m, AFileCutAnywhereIsRefusedButBetweenFrames) {
  Bytes const whole = written({3, 3, 25, 1}, {Picture(3, 3), Picture(3, 3)});
  std::size_t const frame_size = 6 + 9 + 8;
  std::size_t const header_size = whole.size() - 2 * frame_size;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Bytes const cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    if (size >= header_size && (size - header_size) % frame_size == 0) {
      EXPECT_EQ(Y4mReader(memory_input(cut)).rest().size(), (size - header_size) / frame_size);
    } else if (size >= header_size) {
      EXPECT_THROW(std::ignore = Y4mReader(memory_input(cut)).rest(), BadInput) << size;
    }
  }
}

TEST(Y4m, AllTagsOf420AreAccepted) {
  for (char const* const tag : {"", " C420", " C420jpeg", " C420mpeg2", " C420paldv"}) {
    EXPECT_EQ(header_of(std::string("YUV4MPEG2 W16 H8") + tag + "\n").height, 8) << tag;
  }
}

TEST(Y4m, OtherColourSpacesAreRefusedByName) {
  for (char const* const tag : {"C422", "C444", "C420p10", "Cmono", "C411"}) {
    expect_refused(std::string("YUV4MPEG2 W16 H8 ") + tag + "\n", tag);
  }
}

TEST(Y4m, TheFrameRateIsReadAndUnknownIsThirty) {
  EXPECT_EQ(header_of("YUV4MPEG2 W2 H2 F24000:1001\n").rate_numerator, 24000U);
  EXPECT_EQ(header_of("YUV4MPEG2 W2 H2 F24000:1001\n").rate_denominator, 1001U);
  EXPECT_EQ(header_of("YUV4MPEG2 W2 H2 F0:0\n").rate_numerator, 30U);
  EXPECT_EQ(header_of("YUV4MPEG2 W2 H2 Ip A1:1 XANYTHING\n").rate_numerator, 30U);
}

TEST(Y4m, AbsurdHeadersAreRefused) {
  expect_refused("", "is empty");
  expect_refused("RIFF....AVI LIST", "not a Y4M file");
  expect_refused("YUV4MPEG2 W16 H8", "inside a Y4M header");
  expect_refused("YUV4MPEG2 W16\n", "lacks a size");
  expect_refused("YUV4MPEG2 W-16 H8\n", "width '-16'");
  expect_refused("YUV4MPEG2 W16 H0\n", "height '0'");
  expect_refused("YUV4MPEG2 W16384 H8\n", "width '16384'");
  expect_refused("YUV4MPEG2 W99999999999999999999 H8\n", "width");
  expect_refused("YUV4MPEG2 W16x H8\n", "width '16x'");
  expect_refused("YUV4MPEG2 W16 H8 F30\n", "frame rate '30'");
  expect_refused("YUV4MPEG2 W16 H8 F-1:1\n", "frame rate");
  expect_refused("YUV4MPEG2 " + std::string(5000, 'x') + "\n", "longer than");
  expect_refused("YUV4MPEG2 W2 H2\nFRAMES\n", "does not begin with FRAME");
}

TEST(Y4m, AnEnormousPictureThatIsNotThereCostsNoMemory) {
  Bytes const bytes = bytes_of("YUV4MPEG2 W16383 H16383\nFRAME\nxyz");
  Y4mReader reader(memory_input(bytes, "clip.y4m"));
  XC_EXPECT_ERROR(reader.next(), BadInput, "clip.y4m: frame 0: the file ends after 3 of its");
}

}  // namespace
}  // namespace xc
