#include "vp8/state_file.hpp"

#include <sys/stat.h>

#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "media/bytes.hpp"
#include "media/error.hpp"
#include "media/expect_error.hpp"
#include "media/output.hpp"
#include "media/seeded_random.hpp"
#include "media/temporary_folder.hpp"

namespace xc::vp8 {
namespace {

using testing::Random;

std::shared_ptr<FrameBuffer const> random_picture(Random& random, int width, int height) {
  auto picture = std::make_shared<FrameBuffer>(width, height);
  for (std::size_t i = 0; i < 3; ++i) {
    auto const& plane = picture->plane(i);
    for (int y = 0; y < plane.height; ++y) {
      auto const row = random.bytes(static_cast<std::size_t>(plane.width));
      std::copy(row.begin(), row.end(), plane.row(y));
    }
    picture->extend_sides(i, 0, plane.height);
  }
  picture->extend_top_and_bottom();
  return picture;
}

DecoderState random_state(Random& random, std::uint16_t width, std::uint16_t height, int pictures) {
  DecoderState state;
  state.width = width;
  state.height = height;
  state.horizontal_scale = random.between<std::uint8_t>(0, 3);
  state.color_space = random.chance(0.5);
  for (auto& p : state.probabilities.luma_mode)
    p = random.between<std::uint8_t>(1, 255);
  state.probabilities.coefficients[3][7][2][10] = 7;
  for (auto& value : state.segmentation.quantizer)
    value = random.between<std::int8_t>(-127, 127);
  if (random.chance(0.5)) {
    auto const count = static_cast<std::size_t>(state.macroblock_rows()) *
                       static_cast<std::size_t>(state.macroblock_columns());
    SegmentMap map(count);
    for (auto& segment : map)
      segment = random.between<std::uint8_t>(0, 3);
    state.segmentation.map = std::make_shared<SegmentMap>(map);
  }
  for (auto& delta : state.filter_deltas.mode)
    delta = random.between<std::int8_t>(-63, 63);
  auto& references = state.references;
  references.last = random_picture(random, width, height);
  references.golden = pictures > 1 ? random_picture(random, width, height) : references.last;
  references.altref = pictures > 2 ? random_picture(random, width, height) : references.golden;
  return state;
}

TEST(StateFile, a_state_survives_being_written_and_read) {
  XC_TRACE_SEED();
  Random random;
  for (int pictures = 1; pictures <= 3; ++pictures) {
    for (int i = 0; i < 20; ++i) {
      auto const state = random_state(random, random.between<std::uint16_t>(1, 70),
                                      random.between<std::uint16_t>(1, 70), pictures);
      auto const bytes = serialise(state);
      auto const read = deserialise(bytes);
      EXPECT_EQ(read, state);
      EXPECT_EQ(hash(read), hash(state));
      EXPECT_EQ(serialise(read), bytes);
    }
  }
}

TEST(StateFile, equal_pictures_are_stored_once_even_if_they_are_not_the_same_object) {
  XC_TRACE_SEED();
  Random random;
  auto state = random_state(random, 64, 64, 1);
  auto const size = serialise(state).size();
  auto const bytes = serialise(state);
  state.references.golden = deserialise(bytes).references.last;
  EXPECT_NE(state.references.golden, state.references.last);
  EXPECT_EQ(serialise(state).size(), size);
  EXPECT_LT(size, std::size_t{64 * 64 * 3 / 2 + 2000});
}

TEST(StateFile, every_flipped_bit_is_refused) {
  XC_TRACE_SEED();
  Random random;
  auto bytes = serialise(random_state(random, 16, 16, 2));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ 1 << bit);
      ASSERT_THROW(static_cast<void>(deserialise(bytes)), BadInput) << "byte " << i;
      bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ 1 << bit);
    }
  }
}

TEST(StateFile, every_truncation_and_anything_behind_the_end_is_refused) {
  XC_TRACE_SEED();
  Random random;
  auto bytes = serialise(random_state(random, 16, 16, 1));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_THROW(static_cast<void>(deserialise(std::span(bytes).first(size))), BadInput);
  }
  bytes.push_back(0);
  XC_EXPECT_ERROR(deserialise(bytes), BadInput, "should have");
}

TEST(StateFile, another_version_and_other_files_are_refused_by_name) {
  XC_TRACE_SEED();
  Random random;
  auto bytes = serialise(random_state(random, 16, 16, 1));
  bytes[8] = 2;
  XC_EXPECT_ERROR(deserialise(bytes), BadInput, "version 2");
  bytes[0] = 'D';
  XC_EXPECT_ERROR(deserialise(bytes), BadInput, "not a decoder state");
}

TEST(StateFile, states_that_differ_in_one_sample_are_not_equal) {
  XC_TRACE_SEED();
  Random random;
  auto const state = random_state(random, 33, 17, 1);
  auto other = deserialise(serialise(state));
  auto changed = std::make_shared<FrameBuffer>(33, 17);
  for (std::size_t i = 0; i < 3; ++i) {
    for (int y = 0; y < changed->plane(i).height; ++y) {
      std::copy_n(state.references.last->plane(i).row(y), changed->plane(i).width,
                  changed->plane(i).row(y));
    }
  }
  changed->plane(0).row(31)[47] ^= 1;  // not shown, but predicted from
  other.references.last = changed;
  EXPECT_NE(other, state);
  EXPECT_NE(hash(other), hash(state));
}

TEST(StateFile, a_state_in_a_file_is_read_to_the_files_end) {
  XC_TRACE_SEED();
  Random random;
  testing::TemporaryFolder const folder;
  auto bytes = serialise(random_state(random, 40, 30, 1));
  write_file(folder.file("state"), bytes);
  EXPECT_EQ(read_state(folder.file("state")), bytes);
  bytes.push_back(0);
  write_file(folder.file("state"), bytes);
  XC_EXPECT_ERROR(deserialise(read_state(folder.file("state"))), BadInput, "but has");
}

class StateInPipe : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::mkfifo(pipe_.c_str(), 0600), 0); }

  // What is read while the writer, who has written `bytes`, keeps the pipe open.
  std::vector<std::uint8_t> read_from_open_pipe(std::vector<std::uint8_t> const& bytes) {
    std::promise<void> was_read;
    std::jthread const writer([&] {
      Output output(pipe_);
      output.write(bytes);
      output.flush();
      was_read.get_future().wait();
    });
    auto read = read_state(pipe_);
    was_read.set_value();
    return read;
  }

  testing::TemporaryFolder const folder_;
  std::string pipe_ = folder_.file("pipe");
};

TEST_F(StateInPipe, is_read_without_waiting_for_the_pipes_end) {
  XC_TRACE_SEED();
  Random random;
  auto const bytes = serialise(random_state(random, 300, 200, 2));
  EXPECT_EQ(read_from_open_pipe(bytes), bytes);
}

TEST_F(StateInPipe, that_is_none_is_known_by_its_beginning) {
  XC_EXPECT_ERROR(deserialise(read_from_open_pipe(std::vector<std::uint8_t>(40, 1))), BadInput,
                  "not a decoder state");
}

TEST_F(StateInPipe, that_ends_too_early_is_cut_off) {
  XC_TRACE_SEED();
  Random random;
  auto bytes = serialise(random_state(random, 20, 20, 1));
  for (auto const size : {bytes.size() - 1, std::size_t{32}, std::size_t{5}, std::size_t{0}}) {
    std::jthread const writer([&] { write_file(pipe_, std::span(bytes).first(size)); });
    EXPECT_EQ(read_state(pipe_).size(), size);
  }
}

}  // namespace
}  // namespace xc::vp8
