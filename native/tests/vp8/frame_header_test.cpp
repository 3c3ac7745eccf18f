#include <gtest/gtest.h>

#include "media/error.hpp"
#include "media/expect_error.hpp"
#include "vp8/frame_writer.hpp"
#include "vp8/mode_reader.hpp"
#include "vp8/random_frame.hpp"

namespace xc::vp8 {
namespace {

SkipFlags skips_of(MacroblockGrid const& grid) {
  SkipFlags skips;
  for (int row = 0; row < grid.rows(); ++row) {
    for (int column = 0; column < grid.columns(); ++column) {
      skips.push_back(grid.row(row)[column].skips_coefficients ? 1 : 0);
    }
  }
  return skips;
}

TEST(FrameHeader, what_was_written_is_read_again_with_all_macroblock_headers) {
  XC_TRACE_SEED();
  testing::Random random;
  for (int i = 0; i < 400; ++i) {
    auto const header = random_header(random, i % 2 == 0);
    int const rows = header.key_frame ? in_macroblocks(header.height) : random.between(1, 5);
    int const columns = header.key_frame ? in_macroblocks(header.width) : random.between(1, 5);
    auto const grid = random_grid(random, header, rows, columns);
    DecoderState state;
    state.apply(header);
    TokenList tokens;
    tokens.clear(rows);
    auto const bytes =
        FrameWriter().write(header, state.probabilities, grid, skips_of(grid), tokens);

    auto parts = read_frame_header(bytes);
    EXPECT_EQ(parts.header, header) << "header " << i;
    MacroblockGrid read(rows, columns);
    ModeReader reader(parts, state, read);
    for (int row = 0; row < rows; ++row)
      reader.read_row(row);
    ASSERT_EQ(read, grid) << "frame " << i;
  }
}

std::vector<std::uint8_t> key_frame_of(std::uint16_t width, std::uint16_t height) {
  FrameHeader header;
  header.key_frame = true;
  header.width = width;
  header.height = height;
  std::vector<std::uint8_t> frame;
  write_frame_tag(frame, header, 20);
  frame.resize(frame.size() + 20);
  return frame;
}

TEST(FrameHeader, a_picture_that_the_data_cannot_fill_is_refused_before_anything_is_allocated) {
  EXPECT_EQ(read_frame_header(key_frame_of(16, 16)).header.width, 16);
  XC_EXPECT_ERROR(read_frame_header(key_frame_of(4096, 4096)), BadInput, "cannot have");
  XC_EXPECT_ERROR(read_frame_header(key_frame_of(16383, 16383)), BadInput, "supported");
  XC_EXPECT_ERROR(read_frame_header(key_frame_of(0, 16)), BadInput, "not possible");
}

TEST(FrameHeader, every_truncation_of_the_fixed_part_is_refused) {
  auto const frame = key_frame_of(16, 16);
  for (std::size_t size = 0; size < frame.size(); ++size) {
    XC_EXPECT_ERROR(read_frame_header(std::span(frame).first(size)), BadInput, "");
  }
}

TEST(FrameHeader, versions_that_do_not_exist_and_wrong_start_codes_are_refused) {
  auto frame = key_frame_of(16, 16);
  auto other = frame;
  other[0] |= 4 << 1;
  XC_EXPECT_ERROR(read_frame_header(other), BadInput, "version 4");
  frame[3] ^= 1;
  XC_EXPECT_ERROR(read_frame_header(frame), BadInput, "start code");
}

}  // namespace
}  // namespace xc::vp8
