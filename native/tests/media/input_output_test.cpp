#include <sys/stat.h>

#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "media/bytes.hpp"
#include "media/error.hpp"
#include "media/expect_error.hpp"
#include "media/input.hpp"
#include "media/output.hpp"
#include "media/seeded_random.hpp"
#include "media/temporary_folder.hpp"

namespace xc {
namespace {

using testing::Random;
using testing::TemporaryFolder;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kUnlimited = std::size_t{1} << 30;

std::size_t files_in(TemporaryFolder const& folder) {
  auto const files = std::filesystem::directory_iterator(folder.path());
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

TEST(Output, WritesOfAnySizeArriveInOrder) {
  XC_TRACE_SEED();
  Random random;
  TemporaryFolder const folder;
  std::string const path = folder.file("out");
  Bytes expected;
  Output output(path);
  for (int i = 0; i < 40; ++i) {
    Bytes const part = random.bytes(random.between<std::size_t>(0, i % 10 == 0 ? 200000 : 9000));
    output.write(part);
    expected.insert(expected.end(), part.begin(), part.end());
  }
  output.commit();
  EXPECT_EQ(read_file(path, kUnlimited), expected);
}

TEST(Output, AFileAppearsOnlyWhenItIsWhole) {
  TemporaryFolder const folder;
  std::string const path = folder.file("out");
  write_file(path, Bytes{1});
  {
    Output output(path);
    output.write("half of it");
    output.flush();
    EXPECT_EQ(read_file(path, kUnlimited), Bytes{1});
  }
  EXPECT_EQ(read_file(path, kUnlimited), Bytes{1});
  EXPECT_EQ(files_in(folder), 1U);
}

TEST(Output, AFifoIsWrittenInPlace) {
  TemporaryFolder const folder;
  std::string const path = folder.file("fifo");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  Bytes read;
  std::thread reader([&] { read = read_file(path, kUnlimited); });
  write_file(path, Bytes(100000, 7));
  reader.join();
  EXPECT_EQ(read, Bytes(100000, 7));
}

TEST(Output, ASymbolicLinkKeepsPointingAtItsFile) {
  TemporaryFolder const folder;
  write_file(folder.file("file"), Bytes{1});
  std::filesystem::create_symlink(folder.file("file"), folder.file("link"));
  write_file(folder.file("link"), Bytes{2});
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("link")));
  EXPECT_EQ(read_file(folder.file("file"), kUnlimited), Bytes{2});
}

TEST(Output, AFullDiskIsAnIoError) {
  XC_EXPECT_ERROR(write_file("/dev/full", Bytes(10)), IoError, "/dev/full: cannot write: No space");
}

TEST(Output, AMissingFolderIsAnIoError) {
  TemporaryFolder const folder;
  XC_EXPECT_ERROR(write_file(folder.file("missing/out"), Bytes(10)), IoError,
                  "missing/out: cannot");
}

TEST(Input, AMissingFileIsBadInput) {
  TemporaryFolder const folder;
  XC_EXPECT_ERROR(open_input(folder.file("missing")), BadInput, "missing: cannot open for reading");
}

TEST(Input, AFolderIsBadInput) {
  TemporaryFolder const folder;
  XC_EXPECT_ERROR(open_input(folder.path().string()), BadInput, "is a directory");
}

TEST(Input, ANameThatNoFileCanHaveIsBadInput) {
  TemporaryFolder const folder;
  write_file(folder.file("file"), Bytes{1});
  std::filesystem::create_symlink("loop", folder.file("loop"));
  for (auto const& name :
       {folder.file("file/in/it"), folder.file("loop"), folder.file(std::string(300, 'x'))}) {
    XC_EXPECT_ERROR(open_input(name), BadInput, "cannot open for reading");
  }
}

TEST(Input, AFileIsReadIntoNoMoreThanItNeeds) {
  TemporaryFolder const folder;
  constexpr std::size_t kSize = 3000001;
  write_file(folder.file("file"), Bytes(kSize, 9));
  auto const input = open_input(folder.file("file"));
  Bytes start(2);
  EXPECT_EQ(input->read(std::span(start)), 2U);
  input->unread(start);
  Bytes bytes;
  input->read(bytes, kUnlimited);
  EXPECT_EQ(bytes, Bytes(kSize, 9));
  EXPECT_EQ(bytes.capacity(), kSize);
  input->read(bytes, kUnlimited);
  EXPECT_EQ(bytes, Bytes());
}

// Just below, at and above the sizes at which memory grows.
TEST(Input, APipeIsReadWholeWhateverItsLength) {
  TemporaryFolder const folder;
  std::string const path = folder.file("fifo");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  constexpr std::size_t kStep = std::size_t{1} << 20;
  for (std::size_t const size :
       {std::size_t{0}, kStep - 1, kStep, kStep + 1, 2 * kStep, 4 * kStep + 1}) {
    std::thread writer([&] { write_file(path, Bytes(size, 5)); });
    Bytes const read = read_file(path, kUnlimited);
    writer.join();
    EXPECT_EQ(read, Bytes(size, 5));
  }
}

TEST(Input, WhatIsUnreadIsReadAgain) {
  Bytes const bytes{1, 2, 3, 4, 5};
  auto const input = memory_input(bytes);
  Bytes start(2);
  EXPECT_EQ(input->read(std::span(start)), 2U);
  input->unread(start);
  Bytes all;
  input->read(all, 99);
  EXPECT_EQ(all, bytes);
  input->unread(start);
  input->rewind();
  input->read(all, 99);
  EXPECT_EQ(all, bytes);
}

TEST(Bytes, AFileLargerThanTheLimitIsRefused) {
  TemporaryFolder const folder;
  write_file(folder.file("file"), Bytes(11));
  EXPECT_EQ(read_file(folder.file("file"), 11).size(), 11U);
  XC_EXPECT_ERROR(read_file(folder.file("file"), 10), BadInput, "more than 10 bytes");
}

TEST(Bytes, LittleEndianNumbersComeBack) {
  XC_TRACE_SEED();
  Random random(3);
  Bytes bytes(8);
  for (int i = 0; i < 100; ++i) {
    auto const number = random.between<std::uint64_t>(0, UINT64_MAX);
    store_little_endian(bytes.data(), number);
    EXPECT_EQ(load_little_endian<std::uint64_t>(bytes.data()), number);
    EXPECT_EQ(load_little_endian<std::uint16_t>(bytes.data()), number & 0xffff);
  }
}

}  // namespace
}  // namespace xc
