// The same bytes with any number of threads and with any instruction set.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "vp8/kernels.hpp"
#include "vp8/padded_picture.hpp"
#include "vp8/rebase.hpp"
#include "vp8/state_file.hpp"
#include "vp8/stream_decoder.hpp"
#include "vp8/synthetic_clip.hpp"

namespace xc::vp8 {
namespace {

constexpr std::size_t kFrames = 4;

// A chunk, and the state that it is rebased on.
struct Link {
  std::vector<Frame> prediction;
  std::vector<std::shared_ptr<FrameBuffer const>> sources;
  DecoderState before;

  // A new scene begins at the frame `cut`.
  Link(int width, int height, std::size_t cut, EncoderSettings const& settings) {
    std::vector<Picture> pictures;
    for (std::size_t i = 0; i < 2 * kFrames; ++i)
      pictures.push_back(synthetic_picture(width, height, static_cast<int>(i), i < cut ? 0 : 1));
    auto const middle = pictures.begin() + kFrames;
    StreamDecoder decoder;
    for (auto const& frame : encode_with_libvpx({pictures.begin(), middle}, settings))
      decoder.decode(frame);
    before = decoder.state();
    prediction = encode_with_libvpx({middle - 1, pictures.end()}, settings);
    for (auto picture = middle; picture != pictures.end(); ++picture)
      sources.push_back(padded(picture->view()));
  }

  [[nodiscard]] RebasedChunk rebased(std::size_t threads, Kernels const& kernels) const {
    RebaseOptions options;
    options.threads = threads;
    Rebase rebase(take_apart({prediction.begin(), prediction.end()}, 1, sources), options, kernels);
    return rebase.run(before);
  }
};

void expect_the_same_of_all(Link const& link) {
  auto const expected = link.rebased(1, kernels_for(InstructionSet::kScalar));
  auto const state = serialise(expected.state);
  for (auto const set : instruction_sets()) {
    for (std::size_t const threads : {1, 2, 3, 8}) {
      SCOPED_TRACE("instruction set " + std::string(name_of(set)) + ", " + std::to_string(threads) +
                   " threads");
      auto const chunk = link.rebased(threads, kernels_for(set));
      EXPECT_EQ(chunk.frames, expected.frames);
      EXPECT_EQ(serialise(chunk.state), state);
      EXPECT_EQ(chunk.key_frames, expected.key_frames);
    }
  }
}

TEST(RebaseThreads, interframes_are_the_same_with_any_number_and_instruction_set) {
  int const sizes[][2] = {{400, 300}, {16, 200}, {200, 16}, {1, 1}};
  for (auto const& [width, height] : sizes) {
    SCOPED_TRACE(std::to_string(width) + "x" + std::to_string(height));
    expect_the_same_of_all(Link(width, height, 2 * kFrames, {}));
  }
}

TEST(RebaseThreads, rich_frames_are_the_same_with_any_number_and_instruction_set) {
  EncoderSettings settings;
  settings.cq_level = 4;
  settings.token_parts = 3;
  expect_the_same_of_all(Link(300, 200, 2 * kFrames, settings));
}

TEST(RebaseThreads, a_cut_in_a_chunk_is_the_same_with_any_number_and_instruction_set) {
  EncoderSettings settings;
  settings.mark_changes = true;
  Link const link(300, 200, kFrames + 2, settings);
  EXPECT_EQ(link.rebased(1, kernels()).key_frames, 1U);
  expect_the_same_of_all(link);
}

TEST(RebaseThreads, the_state_is_told_before_the_result_is_there_and_is_the_same) {
  for (std::size_t const cut : {kFrames, 2 * kFrames}) {
    EncoderSettings settings;
    settings.mark_changes = true;
    Link const link(64, 48, cut, settings);
    Rebase rebase(take_apart({link.prediction.begin(), link.prediction.end()}, 1, link.sources));
    std::vector<DecoderState> told;
    auto const chunk =
        rebase.run(link.before, [&](DecoderState const& state) { told.push_back(state); });
    EXPECT_EQ(told, std::vector<DecoderState>{chunk.state});
  }
}

}  // namespace
}  // namespace xc::vp8
