#include "media/ivf.hpp"

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

IvfHeader random_header(Random& random) {
  IvfHeader header;
  header.width = random.between<std::uint16_t>(0, 65535);
  header.height = random.between<std::uint16_t>(0, 65535);
  header.time_base_denominator = random.between<std::uint32_t>(0, UINT32_MAX);
  header.time_base_numerator = random.between<std::uint32_t>(0, UINT32_MAX);
  return header;
}

std::vector<IvfFrame> random_frames(Random& random) {
  std::vector<IvfFrame> frames(random.between<std::size_t>(0, 8));
  for (IvfFrame& frame : frames) {
    frame.timestamp = random.between<std::uint64_t>(0, UINT64_MAX);
    frame.data = random.bytes(random.between<std::size_t>(0, 3000));
  }
  return frames;
}

Bytes written(IvfHeader const& header, std::vector<IvfFrame> const& frames) {
  TemporaryFolder const folder;
  std::string const path = folder.file("clip.ivf");
  Output output(path);
  IvfWriter writer(output, header);
  for (IvfFrame const& frame : frames)
    writer.write(frame.timestamp, frame.data);
  writer.finish();
  output.commit();
  return read_file(path, kUnlimited);
}

// The header of an empty file, to be spoilt.
Bytes plain_header() {
  return written(IvfHeader{}, {});
}

void expect_refused(Bytes const& bytes, std::string const& message_part) {
  XC_EXPECT_ERROR(IvfReader(memory_input(bytes)).rest(), BadInput, message_part);
}

Bytes with_frame_header(std::uint32_t size, std::size_t bytes_there) {
  Bytes bytes = plain_header();
  std::size_t const position = bytes.size();
  bytes.resize(position + 12 + bytes_there);
  store_little_endian(&bytes[position], size);
  return bytes;
}

TEST(Ivf, WhatIsWrittenIsReadBack) {
  XC_TRACE_SEED();
  Random random;
  for (int round = 0; round < 50; ++round) {
    IvfHeader header = random_header(random);
    std::vector<IvfFrame> const frames = random_frames(random);
    Bytes const bytes = written(header, frames);
    IvfReader reader(memory_input(bytes));
    header.frame_count = static_cast<std::uint32_t>(frames.size());  // corrected at the end
    EXPECT_EQ(reader.header(), header);
    EXPECT_EQ(reader.rest(), frames);
  }
}

TEST(Ivf, AFileCutAnywhereGivesWholeFramesThenAnError) {
  XC_TRACE_SEED();
  Random random(1);
  IvfFrame const frame{7, random.bytes(40)};
  Bytes const whole = written(IvfHeader{}, {frame, frame});
  std::size_t const frame_size = 12 + frame.data.size();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Bytes const cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    if (size >= 32 && (size - 32) % frame_size == 0) {
      EXPECT_EQ(IvfReader(memory_input(cut)).rest().size(), (size - 32) / frame_size);
    } else {
      EXPECT_THROW(std::ignore = IvfReader(memory_input(cut)).rest(), BadInput) << size;
    }
  }
}

TEST(Ivf, NoGarbageDoesMoreThanThrow) {
  XC_TRACE_SEED();
  Random random(2);
  for (int round = 0; round < 500; ++round) {
    Bytes bytes = plain_header();
    Bytes const tail = random.bytes(random.between<std::size_t>(0, 100));
    bytes.insert(bytes.end(), tail.begin(), tail.end());
    if (random.chance(0.5)) {
      bytes[random.between<std::size_t>(0, bytes.size() - 1)] =
          random.between<std::uint8_t>(0, 255);
    }
    try {
      std::ignore = IvfReader(memory_input(bytes)).rest();
    } catch (BadInput const&) {  // that is all it may do
    }
  }
}

TEST(Ivf, AnEmptyFileIsRefused) {
  expect_refused({}, "is empty");
}

TEST(Ivf, AnotherSignatureIsRefused) {
  expect_refused(Bytes(64, 'x'), "not an IVF file");
}

TEST(Ivf, AnotherVersionIsRefused) {
  Bytes bytes = plain_header();
  bytes[4] = 9;
  expect_refused(bytes, "IVF version 9");
}

TEST(Ivf, AnotherCodecIsRefusedByName) {
  Bytes bytes = plain_header();
  bytes[11] = '9';
  expect_refused(bytes, "VP89");
}

TEST(Ivf, AnotherHeaderSizeIsRefused) {
  Bytes bytes = plain_header();
  bytes[6] = 33;
  expect_refused(bytes, "claims 33 bytes");
}

TEST(Ivf, AFrameThatClaimsMoreThanVp8AllowsIsRefused) {
  expect_refused(with_frame_header(UINT32_MAX, 0), "frame 0: claims 4294967295 bytes");
}

TEST(Ivf, AFrameThatClaimsMoreThanTheFileHoldsCostsNoMemory) {
  Bytes const bytes = with_frame_header(IvfReader::kMaxFrameSize, 10);
  IvfReader reader(memory_input(bytes));
  IvfFrame frame;
  XC_EXPECT_ERROR(reader.next(frame), BadInput, "after 10 of its 134217728 bytes");
  EXPECT_LE(frame.data.capacity(), std::size_t{1} << 20);
}

TEST(Ivf, ErrorsNameTheFileAndTheFrame) {
  Bytes bytes = written(IvfHeader{}, {{0, Bytes(5)}, {1, Bytes(5)}});
  bytes.pop_back();
  IvfReader reader(memory_input(bytes, "clip.ivf"));
  XC_EXPECT_ERROR(reader.rest(), BadInput, "clip.ivf: frame 1: ");
}

}  // namespace
}  // namespace xc
