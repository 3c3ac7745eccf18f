#include "media/picture_spool.hpp"

#include <sys/stat.h>

#include <string>
#include <thread>
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

class PictureSpoolTest : public ::testing::Test {
 protected:
  PictureSpoolTest() {
    Random random;
    for (int i = 0; i < 7; ++i)
      pictures_.push_back(random.picture(18, 10));
    Output output(file_);
    Y4mWriter writer(output, {18, 10, 30, 1});
    for (Picture const& picture : pictures_)
      writer.write(picture.view());
    output.commit();
  }

  // A reader on a pipe, which cannot be rewound.
  Y4mReader piped() {
    ::mkfifo(fifo_.c_str(), 0600);
    feeder_ = std::jthread([this] { write_file(fifo_, read_file(file_, 1U << 20)); });
    return Y4mReader(open_input(fifo_));
  }

  static std::vector<Picture> all(PictureSpool& spool) {
    std::vector<Picture> pictures;
    while (PictureView const* const picture = spool.next())
      pictures.emplace_back(*picture);
    return pictures;
  }

  void expect_same_pictures_in_each_round(PictureSpool& spool) {
    XC_TRACE_SEED();
    for (int round = 0; round < 3; ++round) {
      EXPECT_EQ(all(spool), pictures_) << round;
      EXPECT_EQ(spool.size(), pictures_.size());
      spool.rewind();
    }
  }

  TemporaryFolder folder_;
  std::string file_ = folder_.file("clip.y4m");
  std::string fifo_ = folder_.file("fifo");
  std::vector<Picture> pictures_;
  std::jthread feeder_;
};

TEST_F(PictureSpoolTest, AFileIsReadAgain) {
  PictureSpool spool(Y4mReader(open_input(file_)));
  expect_same_pictures_in_each_round(spool);
}

TEST_F(PictureSpoolTest, APipeIsKeptInMemory) {
  PictureSpool spool(piped());
  expect_same_pictures_in_each_round(spool);
}

TEST_F(PictureSpoolTest, ALongPipeIsKeptInMemoryAndThenInAFile) {
  PictureSpool spool(piped(), std::nullopt, 3 * i420_size(18, 10));
  expect_same_pictures_in_each_round(spool);
}

TEST_F(PictureSpoolTest, NoMoreThanTheLimitAreGiven) {
  pictures_.resize(4);
  PictureSpool from_file(Y4mReader(open_input(file_)), 4);
  expect_same_pictures_in_each_round(from_file);
  PictureSpool from_pipe(piped(), 4, i420_size(18, 10));
  expect_same_pictures_in_each_round(from_pipe);
  while (from_pipe.next() != nullptr) {
  }
}

TEST_F(PictureSpoolTest, AFileThatShrinksBetweenTheRoundsIsAnError) {
  PictureSpool spool(Y4mReader(open_input(file_)));
  std::ignore = all(spool);
  spool.rewind();
  auto const whole = std::filesystem::file_size(file_);
  std::filesystem::resize_file(file_, whole - i420_size(18, 10) - 6);
  XC_EXPECT_ERROR(all(spool), IoError, "has become shorter");
}

}  // namespace
}  // namespace xc
