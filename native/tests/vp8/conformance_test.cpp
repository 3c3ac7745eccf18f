// The VP8 test vectors: every picture of all 61 streams must have the MD5 that the format's authors
// published. VP8_TEST_VECTORS names the folder; by default it is looked for beside the repository.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "media/ivf.hpp"
#include "media/md5.hpp"
#include "vp8/kernels.hpp"
#include "vp8/stream_decoder.hpp"

namespace xc::vp8 {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStreams = 61;

fs::path vectors_folder() {
  if (auto const* folder = std::getenv("VP8_TEST_VECTORS")) return folder;
  // tests/vp8/ -> the repository's root
  auto const root = fs::path(__FILE__).parent_path() / "../../..";
  return root / "../shared/vp8/test-vectors";
}

std::vector<fs::path> streams() {
  std::vector<fs::path> found;
  if (!fs::is_directory(vectors_folder())) return found;
  for (auto const& entry : fs::directory_iterator(vectors_folder())) {
    if (entry.path().extension() == ".ivf") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Lines "MD5 NUMBER", the number being the last run of digits in the picture's file name.
std::vector<std::string> expected_lines(fs::path const& stream) {
  std::ifstream file(stream.string() + ".md5");
  std::vector<std::string> lines;
  for (std::string sum, name; file >> sum >> name;) {
    auto const end = name.rfind('.');
    auto const start = name.rfind('-', end) + 1;
    lines.push_back(sum + " " + std::to_string(std::stoi(name.substr(start, end - start))));
  }
  return lines;
}

std::vector<std::string> decoded_lines(fs::path const& stream) {
  IvfReader reader(open_input(stream.string()));
  StreamDecoder decoder;
  std::vector<std::string> lines;
  while (auto const frame = reader.next()) {
    auto const picture = decoder.decode(frame->data);
    if (picture) {
      lines.push_back(md5(picture->shown()) + " " + std::to_string(decoder.frames()));
    }
  }
  return lines;
}

class Conformance : public testing::TestWithParam<InstructionSet> {};

TEST_P(Conformance, every_picture_of_every_test_vector_has_the_published_md5) {
  auto const found = streams();
  if (found.empty()) {
    GTEST_SKIP() << "VP8 TEST VECTORS ARE MISSING: nothing in " << vectors_folder()
                 << "; set VP8_TEST_VECTORS to their folder";
  }
  EXPECT_EQ(found.size(), kStreams);
  select_kernels(name_of(GetParam()));
  for (auto const& stream : found) {
    EXPECT_EQ(decoded_lines(stream), expected_lines(stream)) << stream;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, Conformance, testing::ValuesIn(instruction_sets()),
                         [](auto const& set) { return std::string(name_of(set.param)); });

}  // namespace
}  // namespace xc::vp8
