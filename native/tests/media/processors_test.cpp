#include "media/processors.hpp"

#include <gtest/gtest.h>

namespace xc {
namespace {

TEST(Processors, a_part_of_a_processor_counts_as_a_whole_one) {
  EXPECT_EQ(processors_allowed_by("50000 100000"), 1U);
  EXPECT_EQ(processors_allowed_by("100000 100000"), 1U);
  EXPECT_EQ(processors_allowed_by("150000 100000"), 2U);
  EXPECT_EQ(processors_allowed_by("400000 50000"), 8U);
}

TEST(Processors, no_limit_and_no_such_file_allow_any_number) {
  EXPECT_EQ(processors_allowed_by("max 100000"), 0U);
  EXPECT_EQ(processors_allowed_by(""), 0U);
  EXPECT_EQ(processors_allowed_by("100000"), 0U);
  EXPECT_EQ(processors_allowed_by("100000 0"), 0U);
}

TEST(Processors, there_is_at_least_one_to_use) {
  EXPECT_GE(usable_processors(), 1U);
}

}  // namespace
}  // namespace xc
