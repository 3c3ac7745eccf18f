#include "media/first_pass.hpp"

#include <gtest/gtest.h>

#include "media/error.hpp"
#include "media/expect_error.hpp"
#include "media/vpx_encoder.hpp"

namespace xc {
namespace {

using enum FrameRole;
using Roles = std::vector<FrameRole>;

constexpr PictureStatistics kFirst{1000, 1000, 0};
constexpr PictureStatistics kMotion{1000, 100, 0.95};
constexpr PictureStatistics kMuchIsNew{1000, 600, 0.6};
constexpr PictureStatistics kCut{1000, 900, 0.05};

Roles roles_of(std::vector<PictureStatistics> const& pictures) {
  return mark_changes(pictures);
}

TEST(FirstPass, cuts_become_key_frames_and_what_brings_much_new_becomes_golden) {
  EXPECT_EQ(roles_of({kFirst, kMotion, kCut, kMotion}), (Roles{kUsual, kUsual, kKey, kUsual}));
  EXPECT_EQ(roles_of({kFirst, kMotion, kMotion, kMuchIsNew}),
            (Roles{kUsual, kUsual, kUsual, kGolden}));
}

TEST(FirstPass, where_pictures_have_little_in_common_none_is_a_key_frame) {
  EXPECT_EQ(roles_of(std::vector(7, kCut)), Roles(7, kUsual));
  EXPECT_EQ(roles_of({kFirst, kCut, kMotion, kCut, kMotion, kCut, kMotion}), Roles(7, kUsual));
  EXPECT_EQ(roles_of({kFirst, kMotion, kCut, kMotion, kMotion, kCut, kMotion}),
            (Roles{kUsual, kUsual, kKey, kUsual, kUsual, kKey, kUsual}));
  EXPECT_EQ(roles_of({kFirst, kCut, kMotion, kMotion, kCut}),
            (Roles{kUsual, kKey, kUsual, kUsual, kKey}));
  EXPECT_EQ(roles_of({kFirst, kCut, kMotion, kCut}), Roles(4, kUsual));
}

TEST(FirstPass, where_every_picture_brings_much_new_none_is_golden) {
  EXPECT_EQ(roles_of({kFirst, kMuchIsNew, kMuchIsNew, kMuchIsNew}), Roles(4, kUsual));
}

TEST(FirstPass, a_chunk_of_one_picture_or_two_is_marked_like_others) {
  EXPECT_EQ(roles_of({kFirst}), Roles{kUsual});
  EXPECT_EQ(roles_of({kFirst, kMuchIsNew}), (Roles{kUsual, kGolden}));
  EXPECT_EQ(roles_of({kFirst, kCut}), (Roles{kUsual, kKey}));
}

TEST(FirstPass, black_pictures_are_no_cuts) {
  EXPECT_EQ(roles_of({{}, {}, {}}), Roles(3, kUsual));
}

TEST(FirstPass, a_frame_is_made_golden_unless_a_cut_follows_soon) {
  Roles roles(7, kUsual);
  make_golden(roles, 1);
  EXPECT_EQ(roles, (Roles{kUsual, kGolden, kUsual, kUsual, kUsual, kUsual, kUsual}));
  for (std::size_t cut = 1; cut < 7; ++cut) {
    Roles marked(7, kUsual);
    marked[cut] = kKey;
    make_golden(marked, 1);
    EXPECT_EQ(marked[1], cut == 1 ? kKey : cut < 5 ? kUsual : kGolden) << "cut at " << cut;
  }
}

TEST(FirstPass, motion_is_what_moves_in_the_mean_over_all_pictures_but_the_first) {
  PictureStatistics const still{1000, 100, 1, 0.1};
  PictureStatistics const moving{1000, 100, 1, 0.7};
  EXPECT_DOUBLE_EQ(motion(std::vector{kFirst, still, moving}), 0.4);
  EXPECT_EQ(motion(std::vector{moving}), 0);
  EXPECT_EQ(motion({}), 0);
}

TEST(FirstPass, a_frame_that_is_not_there_is_not_made_golden) {
  Roles roles(2, kUsual);
  make_golden(roles, 2);
  EXPECT_EQ(roles, Roles(2, kUsual));
}

TEST(FirstPass, statistics_of_an_unknown_kind_are_refused) {
  XC_EXPECT_ERROR(read_statistics({}), InternalError, "unknown kind");
  std::vector<std::uint8_t> const bytes(2 * 144 + 8);
  XC_EXPECT_ERROR(read_statistics(bytes), InternalError, "296 bytes");
  std::vector<std::uint8_t> const zeros(2 * 144);
  XC_EXPECT_ERROR(read_statistics(zeros), InternalError, "unknown kind");
}

}  // namespace
}  // namespace xc
