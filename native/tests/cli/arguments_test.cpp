#include "cli/arguments.hpp"

#include <gtest/gtest.h>

#include "cli/command.hpp"
#include "media/error.hpp"
#include "media/expect_error.hpp"

namespace xc::cli {
namespace {

using Words = std::vector<std::string>;

ArgumentSpec const kSpec{
    {{"IN", "what to read"}, {"OTHER", "what else to read", true}},
    {{"output", 'o', "OUT", "where to write", {}, true},
     number("cq-level", 'q', "Q", {0, 63}, "quality", "24"),
     {"frames", 0, "N", "how many"},
     {"verbose", 'v', "", "say more"}},
    "A note.",
};

Arguments parse(Words const& words) {
  return Arguments::parse(kSpec, words);
}

void expect_refused(Words const& words, std::string const& message_part) {
  XC_EXPECT_ERROR(parse(words), UsageError, message_part);
}

TEST(Arguments, OptionsAreUnderstoodInAllSpellings) {
  for (Words const& words :
       {Words{"in", "--output", "out"}, Words{"in", "--output=out"}, Words{"-o", "out", "in"},
        Words{"in", "-oout"}, Words{"--output=out", "--", "in"}}) {
    Arguments const arguments = parse(words);
    EXPECT_EQ(arguments.text("output"), "out");
    EXPECT_EQ(arguments.positional(0), "in");
    EXPECT_EQ(arguments.positional_count(), 1U);
  }
}

TEST(Arguments, ADashIsAPositionalAndAValue) {
  Arguments const arguments = parse({"-", "-o", "-"});
  EXPECT_EQ(arguments.positional(0), "-");
  EXPECT_EQ(arguments.text("output"), "-");
}

TEST(Arguments, EverythingAfterTwoDashesIsPositional) {
  EXPECT_EQ(parse({"-oout", "--", "--in", "-v"}).positional(1), "-v");
}

TEST(Arguments, AValueMayBeEmptyOrHoldAnEqualsSign) {
  EXPECT_EQ(parse({"in", "--output="}).text("output"), "");
  EXPECT_EQ(parse({"in", "--output=a=b"}).text("output"), "a=b");
}

TEST(Arguments, DefaultsAreThereButWereNotGiven) {
  Arguments const arguments = parse({"in", "-oout"});
  EXPECT_EQ(arguments.integer("cq-level"), 24);
  EXPECT_FALSE(arguments.has("cq-level"));
  EXPECT_FALSE(arguments.find("frames"));
  EXPECT_FALSE(arguments.has("verbose"));
}

TEST(Arguments, WhatCannotBeUnderstoodIsRefused) {
  expect_refused({"-oout"}, "IN is missing");
  expect_refused({"in"}, "--output OUT is missing");
  expect_refused({"a", "b", "c", "-oout"}, "one argument too many: 'c'");
  expect_refused({"in", "-oout", "--cq"}, "no option '--cq'; did you mean --cq-level?");
  expect_refused({"in", "-oout", "--zzz"}, "no option '--zzz'; see --help");
  expect_refused({"in", "-oout", "-z"}, "no option '-z'");
  expect_refused({"in", "-oout", "-vv"}, "no option '-vv'");
  expect_refused({"in", "-o"}, "--output needs a value");
  expect_refused({"in", "-oout", "--verbose=yes"}, "--verbose takes no value");
  expect_refused({"in", "-oa", "-ob"}, "--output is given twice");
}

TEST(Arguments, NumbersAreCheckedAgainstTheirRange) {
  for (char const* const bad : {"64", "-1", "x", "", "7x", " 7", "99999999999999999999"}) {
    expect_refused({"in", "-oout", std::string("--cq-level=") + bad},
                   "--cq-level must be an integer from 0 to 63");
  }
}

TEST(Arguments, HelpIsWantedWhateverElseIsMissing) {
  EXPECT_TRUE(parse({"--help"}).help_wanted());
  EXPECT_TRUE(parse({"-h"}).help_wanted());
}

TEST(HelpText, ShowsEverythingThatTheCommandTakes) {
  std::string const text = help_text({"try", "tries", kSpec, nullptr});
  for (char const* const part :
       {"xc try - tries", "Usage: xc try IN [OTHER] --output OUT [OPTIONS]", "what to read",
        "-o, --output OUT", "quality (0 to 63) [24]", "-v, --verbose", "-h, --help", "A note."}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
  }
}

}  // namespace
}  // namespace xc::cli
