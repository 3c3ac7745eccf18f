#include "vp8/rebase.hpp"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "media/bytes.hpp"
#include "media/error.hpp"
#include "media/expect_error.hpp"
#include "media/ivf.hpp"
#include "media/md5.hpp"
#include "media/psnr.hpp"
#include "media/temporary_folder.hpp"
#include "vp8/padded_picture.hpp"
#include "vp8/state_file.hpp"
#include "vp8/stream_decoder.hpp"
#include "vp8/synthetic_clip.hpp"

namespace xc::vp8 {
namespace {

struct ChainSettings {
  int width = 175;
  int height = 143;
  std::size_t chunk_frames = 6;
  std::size_t chunks = 6;
  std::vector<std::size_t> cuts{};  // frames at which a new scene begins
  EncoderSettings encoder{};
};

// A clip encoded as one chain, as the whole system does it.
class Chain {
 public:
  explicit Chain(ChainSettings settings) : settings_(std::move(settings)) {
    for (std::size_t i = 0; i < settings_.chunk_frames * settings_.chunks; ++i) {
      auto const scene = std::count_if(settings_.cuts.begin(), settings_.cuts.end(),
                                       [&](std::size_t cut) { return cut <= i; });
      pictures_.push_back(synthetic_picture(settings_.width, settings_.height, static_cast<int>(i),
                                            static_cast<int>(scene)));
    }
    for (std::size_t i = 0; i < settings_.chunks; ++i)
      add_chunk(i);
  }

  [[nodiscard]] std::vector<Frame> frames() const {
    std::vector<Frame> all;
    for (auto const& chunk : chunks_) {
      all.insert(all.end(), chunk.frames.begin(), chunk.frames.end());
    }
    return all;
  }
  [[nodiscard]] std::vector<RebasedChunk> const& chunks() const { return chunks_; }
  [[nodiscard]] std::vector<Picture> const& pictures() const { return pictures_; }

  // The law: a decoder that plays the predecessor's frames and then these ends in exactly the state
  // that was written. And all decoders show the same.
  void expect_lawful() const {
    StreamDecoder decoder;
    for (std::size_t i = 0; i < chunks_.size(); ++i) {
      for (auto const& frame : chunks_[i].frames)
        decoder.decode(frame);
      ASSERT_EQ(decoder.state(), chunks_[i].state) << "after chunk " << i;
      ASSERT_EQ(serialise(decoder.state()), serialise(chunks_[i].state));
    }
    auto const ours = md5s_by_us(frames());
    EXPECT_EQ(ours.size(), pictures_.size());
    EXPECT_EQ(ours, md5s_by_libvpx(frames()));
  }

  [[nodiscard]] double worst_psnr() const {
    StreamDecoder decoder;
    double worst = 1000;
    std::size_t i = 0;
    for (auto const& frame : frames()) {
      auto const picture = decoder.decode(frame);
      if (picture) {
        worst = std::min(worst, psnr(squared_error(picture->shown(), pictures_[i++].view())));
      }
    }
    return worst;
  }

 private:
  void add_chunk(std::size_t index) {
    auto const begin = index * settings_.chunk_frames;
    auto const end = begin + settings_.chunk_frames;
    if (index == 0) {
      start_chain({pictures_.begin(), pictures_.begin() + static_cast<std::ptrdiff_t>(end)});
      return;
    }
    std::vector<Picture> const overlapping(
        pictures_.begin() + static_cast<std::ptrdiff_t>(begin) - 1,
        pictures_.begin() + static_cast<std::ptrdiff_t>(end));
    auto const prediction = encode_with_libvpx(overlapping, settings_.encoder);
    std::vector<std::shared_ptr<FrameBuffer const>> sources;
    for (auto i = begin; i < end; ++i)
      sources.push_back(padded(pictures_[i].view()));
    Rebase rebase(take_apart({prediction.begin(), prediction.end()}, 1, sources));
    // The state travels as bytes.
    auto const state = deserialise(serialise(chunks_.back().state));
    chunks_.push_back(rebase.run(state));
    EXPECT_EQ(rebase.run(state).frames, chunks_.back().frames) << "not a function of its arguments";
  }

  void start_chain(std::vector<Picture> const& pictures) {
    RebasedChunk chunk;
    chunk.frames = encode_with_libvpx(pictures, settings_.encoder);
    StreamDecoder decoder;
    for (auto const& frame : chunk.frames)
      decoder.decode(frame);
    chunk.state = decoder.state();
    chunks_.push_back(std::move(chunk));
  }

  ChainSettings settings_;
  std::vector<Picture> pictures_;
  std::vector<RebasedChunk> chunks_;
};

bool is_key_frame(Frame const& frame) {
  return !frame.empty() && (frame[0] & 1) == 0;
}

std::vector<std::size_t> key_frames_of(std::vector<Frame> const& frames) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (is_key_frame(frames[i])) found.push_back(i);
  }
  return found;
}

TEST(Rebase, a_chain_of_chunks_is_one_stream_with_one_key_frame) {
  Chain const chain({});
  chain.expect_lawful();
  EXPECT_EQ(key_frames_of(chain.frames()), std::vector<std::size_t>{0});
  EXPECT_GT(chain.worst_psnr(), 28);
}

TEST(Rebase, holds_for_many_sizes_lengths_and_qualities) {
  int const sizes[][2] = {{16, 16}, {1, 1}, {33, 70}, {64, 48}, {129, 15}};
  std::size_t length = 1;
  for (auto const& [width, height] : sizes) {
    for (int const quality : {4, 30, 60}) {
      ChainSettings settings{width, height, length, 5};
      settings.encoder.cq_level = quality;
      SCOPED_TRACE(std::to_string(width) + "x" + std::to_string(height) + " chunks of " +
                   std::to_string(length));
      Chain const chain(settings);
      chain.expect_lawful();
      length = length % 4 + 1;
    }
  }
}

TEST(Rebase, several_token_partitions_stay) {
  ChainSettings settings;
  settings.chunks = 3;
  settings.encoder.token_parts = 3;
  Chain const chain(settings);
  chain.expect_lawful();
  for (auto const& frame : chain.frames()) {
    EXPECT_EQ(read_frame_header(frame).header.log2_partitions, 3);
  }
}

TEST(Rebase, hidden_frames_are_rebased_without_a_source) {
  ChainSettings settings;
  settings.chunk_frames = 20;
  settings.chunks = 3;
  settings.encoder.lag_in_frames = 16;
  settings.encoder.cq_level = 20;
  Chain const chain(settings);
  chain.expect_lawful();
  EXPECT_GT(chain.frames().size(), chain.pictures().size()) << "libvpx made no hidden frame";
  EXPECT_EQ(key_frames_of(chain.frames()), std::vector<std::size_t>{0});
}

TEST(Rebase, a_scene_cut_anywhere_in_a_chunk_is_a_key_frame_if_changes_are_marked) {
  for (std::size_t cut = 12; cut < 18; ++cut) {
    ChainSettings settings;
    settings.chunks = 4;
    settings.cuts = {cut};
    settings.encoder.mark_changes = true;
    settings.encoder.golden_frame = 1;
    Chain const chain(settings);
    chain.expect_lawful();
    EXPECT_EQ(key_frames_of(chain.frames()), (std::vector<std::size_t>{0, cut}));
    EXPECT_GT(chain.worst_psnr(), 28);
  }
}

TEST(Rebase, a_scene_cut_without_a_key_frame_stays_an_interframe) {
  ChainSettings settings;
  settings.cuts = {12};
  settings.encoder.key_frames = KeyFrames::kDisabled;
  Chain const chain(settings);
  chain.expect_lawful();
  EXPECT_EQ(key_frames_of(chain.frames()), std::vector<std::size_t>{0});
  EXPECT_GT(chain.worst_psnr(), 28);
}

TEST(Rebase, a_golden_frame_stays_one_and_keeps_its_quantiser) {
  ChainSettings settings;
  settings.encoder.golden_frame = 1;
  Chain const chain(settings);
  chain.expect_lawful();
  auto const frames = chain.frames();
  for (std::size_t first = 6; first < frames.size(); first += 6) {
    auto const golden = read_frame_header(frames[first]).header;
    auto const next = read_frame_header(frames[first + 1]).header;
    EXPECT_TRUE(golden.references.refresh_golden);
    EXPECT_LT(golden.quantizer.y_ac, next.quantizer.y_ac);
  }
}

TEST(Rebase, every_scene_cut_in_a_row_is_survived) {
  ChainSettings settings;
  settings.chunk_frames = 4;
  settings.chunks = 5;
  settings.cuts = {3, 4, 5, 9, 12, 15, 19};
  for (auto const key_frames : {KeyFrames::kAuto, KeyFrames::kDisabled}) {
    settings.encoder.key_frames = key_frames;
    Chain(settings).expect_lawful();
  }
}

TEST(Rebase, the_passed_on_state_holds_one_picture) {
  Chain const chain({});
  for (std::size_t i = 1; i < chain.chunks().size(); ++i) {
    auto const& references = chain.chunks()[i].state.references;
    EXPECT_EQ(references.last, references.golden);
    EXPECT_EQ(references.last, references.altref);
  }
}

TEST(Rebase, a_state_of_another_size_is_refused) {
  Chain const small({32, 32, 2, 1});
  Chain const large({48, 32, 2, 1});
  auto const frames = large.frames();
  auto const source = padded(large.pictures()[1].view());
  Rebase rebase(take_apart({frames.begin(), frames.end()}, 1, {source}));
  XC_EXPECT_ERROR(rebase.run(small.chunks()[0].state), BadInput, "32x32");
}

TEST(Rebase, repeated_pictures_stay) {
  Chain const chain({32, 32, 3, 1});
  auto frames = chain.frames();
  frames.insert(frames.begin() + 2, Frame{});
  std::vector<std::shared_ptr<FrameBuffer const>> const sources(3,
                                                                padded(chain.pictures()[1].view()));
  auto const rebased = Rebase(take_apart(frames, 1, sources)).run(chain.chunks()[0].state);
  ASSERT_EQ(rebased.frames.size(), 3U);
  EXPECT_TRUE(rebased.frames[1].empty());
  StreamDecoder decoder(chain.chunks()[0].state);
  for (auto const& frame : rebased.frames)
    decoder.decode(frame);
  EXPECT_EQ(decoder.state(), rebased.state);
}

// The same pictures from ffmpeg's own decoder, where there is ffmpeg.
TEST(Rebase, ffmpeg_shows_the_same) {
  if (std::system("ffmpeg -version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "FFMPEG IS MISSING: install the package ffmpeg to compare with its decoder";
  }
  Chain const chain({});
  testing::TemporaryFolder folder;
  Output output(folder.file("chain.ivf"));
  IvfWriter writer(output, {kVp80, 175, 143, 25, 1, 0});
  std::uint64_t number = 0;
  for (auto const& frame : chain.frames())
    writer.write(number++, frame);
  writer.finish();
  output.commit();
  auto const command = "ffmpeg -v error -c:v vp8 -i " + folder.file("chain.ivf") +
                       " -f rawvideo -pix_fmt yuv420p " + folder.file("chain.i420");
  ASSERT_EQ(std::system(command.c_str()), 0);
  auto const bytes = read_file(folder.file("chain.i420"), 1 << 28);
  auto const size = i420_size(175, 143);
  auto const expected = md5s_by_us(chain.frames());
  ASSERT_EQ(bytes.size(), expected.size() * size);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(md5(std::span(bytes).subspan(i * size, size)), expected[i]) << "frame " << i;
  }
}

}  // namespace
}  // namespace xc::vp8
