#include "vp8/token_words.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace xc::vp8 {
namespace {

using Word = TokenWords::Word;

void note(TokenWords& words, std::size_t asked, std::vector<Word> const& values) {
  auto* const room = words.room(asked);
  words.written(std::copy(values.begin(), values.end(), room));
}

std::vector<Word> all_of(TokenWords const& words) {
  std::vector<Word> all;
  for (std::size_t i = 0; i < words.blocks(); ++i) {
    auto const block = words.block(i);
    all.insert(all.end(), block.begin(), block.end());
  }
  return all;
}

std::vector<Word> counted(std::size_t count, Word first) {
  std::vector<Word> values(count);
  std::iota(values.begin(), values.end(), first);
  return values;
}

TEST(TokenWords, a_block_is_used_to_its_last_word) {
  TokenWords words;
  note(words, TokenWords::kBlockWords, counted(TokenWords::kBlockWords - 3, 0));
  note(words, 3, counted(3, 9000));
  EXPECT_EQ(words.blocks(), 1U);
  note(words, 1, {7});
  EXPECT_EQ(words.blocks(), 2U);
  EXPECT_EQ(words.size(), TokenWords::kBlockWords + 1);
  auto expected = counted(TokenWords::kBlockWords - 3, 0);
  expected.insert(expected.end(), {9000, 9001, 9002, 7});
  EXPECT_EQ(all_of(words), expected);
}

TEST(TokenWords, what_was_noted_together_lies_in_one_block) {
  TokenWords words;
  std::vector<Word> expected;
  constexpr std::size_t kTogether = 1500;
  for (Word i = 0; i < 20; ++i) {
    auto const values = counted(kTogether - i, static_cast<Word>(1000 * i));
    note(words, kTogether, values);
    expected.insert(expected.end(), values.begin(), values.end());
  }
  EXPECT_EQ(words.blocks(), 10U) << "two find room in each";
  EXPECT_EQ(all_of(words), expected);
}

TEST(TokenWords, room_that_is_not_written_to_holds_nothing) {
  TokenWords words;
  note(words, 800, {});
  EXPECT_EQ(words.size(), 0U);
  EXPECT_EQ(all_of(words), std::vector<Word>{});
}

TEST(TokenWords, the_first_block_stays_and_the_others_are_given_back) {
  TokenWords words;
  words.reserve();
  auto const* const first = words.room(1);
  for (int i = 0; i < 3; ++i)
    note(words, TokenWords::kBlockWords, counted(TokenWords::kBlockWords, 5));
  words.clear();
  EXPECT_EQ(words.blocks(), 0U);
  EXPECT_EQ(words.size(), 0U);
  EXPECT_EQ(words.room(1), first);
  note(words, 2, {1, 2});
  EXPECT_EQ(all_of(words), (std::vector<Word>{1, 2}));
}

}  // namespace
}  // namespace xc::vp8
