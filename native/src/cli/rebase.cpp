// xc rebase: a chunk that was encoded on its own, re-expressed on the decoder state that the chunk
// before it ended in. Everything is loaded before the state is opened, so that only the rebase
// itself has to wait for it.
#include "vp8/rebase.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iostream>
#include <string>
#include <utility>

#include "cli/chunk_quality.hpp"
#include "cli/command.hpp"
#include "media/bytes.hpp"
#include "media/error.hpp"
#include "media/ivf.hpp"
#include "media/output.hpp"
#include "media/processors.hpp"
#include "media/y4m.hpp"
#include "vp8/kernels.hpp"
#include "vp8/padded_picture.hpp"
#include "vp8/state_file.hpp"

namespace xc::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostThreads = 64;
// More of them gain little: docs/benchmarks.md.
constexpr std::size_t kEnoughThreads = 4;

double milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

struct Timings {
  Clock::time_point start = Clock::now();
  Clock::time_point loaded;
  Clock::time_point state_there;
  Clock::time_point state_written;
  Clock::time_point frames_there;
  // Of this process, when the state was there and when the new one was written: what the rebase
  // would take on a machine of its own.
  std::clock_t cpu_before = 0;
  std::clock_t cpu_after = 0;
};

std::vector<std::shared_ptr<vp8::FrameBuffer const>> read_sources(std::string const& path,
                                                                  std::size_t skipped) {
  Y4mReader reader(open_input(path));
  std::vector<std::shared_ptr<vp8::FrameBuffer const>> sources;
  Picture picture;
  for (std::size_t i = 0; reader.next(picture); ++i) {
    if (i >= skipped) sources.push_back(vp8::padded(picture.view()));
  }
  return sources;
}

std::size_t threads_of(Arguments const& arguments) {
  auto const threads = static_cast<std::size_t>(arguments.integer("threads", 0, kMostThreads));
  return threads != 0 ? threads : std::min(usable_processors(), kEnoughThreads);
}

struct Prediction {
  IvfHeader header;
  std::vector<IvfFrame> frames;
  std::size_t skipped = 0;

  Prediction(std::string const& path, std::size_t frames_to_skip) : skipped(frames_to_skip) {
    IvfReader reader(open_input(path));
    header = reader.header();
    frames = reader.rest();
  }

  [[nodiscard]] std::vector<std::span<std::uint8_t const>> bytes() const {
    std::vector<std::span<std::uint8_t const>> spans;
    for (auto const& frame : frames)
      spans.emplace_back(frame.data);
    return spans;
  }
};

std::uint64_t write_frames(std::string const& path, Prediction const& prediction,
                           std::vector<std::vector<std::uint8_t>> const& frames) {
  Output output(path);
  auto header = prediction.header;
  header.frame_count = static_cast<std::uint32_t>(frames.size());
  IvfWriter writer(output, header);
  auto const first = prediction.frames[prediction.skipped].timestamp;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    writer.write(prediction.frames[prediction.skipped + i].timestamp - first, frames[i]);
    bytes += frames[i].size();
  }
  writer.finish();
  output.commit();
  return bytes;
}

std::string report(Timings const& times, vp8::RebasedChunk const& chunk, std::size_t dependent,
                   std::uint64_t bytes, double ssim) {
  auto const field = [](std::string_view name, auto value) {
    return ", \"" + std::string(name) + "\": " + std::to_string(value);
  };
  return "{\"load_ms\": " + std::to_string(milliseconds(times.loaded - times.start)) +
         field("wait_ms", milliseconds(times.state_there - times.loaded)) +
         field("rebase_ms", milliseconds(times.state_written - times.state_there)) +
         field("frames_ms", milliseconds(times.frames_there - times.state_written)) +
         field("rebase_cpu_ms",
               1000.0 * static_cast<double>(times.cpu_after - times.cpu_before) / CLOCKS_PER_SEC) +
         field("frame_count", chunk.frames.size()) + field("dependent_frames", dependent) +
         field("key_frames", chunk.key_frames) + field("bytes", bytes) + R"(, "mean": {"ssim": )" +
         std::to_string(ssim) + "}}\n";
}

void check_standard_streams(Arguments const& arguments) {
  int inputs = 0;
  for (auto const* option : {"source", "prediction", "state"}) {
    if (arguments.text(option) == "-") ++inputs;
  }
  if (inputs > 1) throw UsageError("only one input can be standard input");
  if (arguments.text("output") == "-" && arguments.text("state-out") == "-") {
    throw UsageError("-o and --state-out cannot both be standard output");
  }
}

ExitCode run(Arguments const& arguments) {
  if (auto const simd = arguments.find("simd")) vp8::select_kernels(*simd);
  check_standard_streams(arguments);
  vp8::RebaseOptions options;
  options.bit_worth = static_cast<int>(arguments.integer("bit-worth", 0, 1024));
  options.threads = threads_of(arguments);
  auto const skipped = static_cast<std::size_t>(arguments.integer("skip-first", 0, 1 << 16));

  Timings times;
  auto const prediction_path = arguments.text("prediction");
  Prediction const prediction(prediction_path, skipped);
  auto const sources =
      read_sources(arguments.text("source"), arguments.has("source-overlap") ? skipped : 0);
  auto rebase = in_context(input_name(prediction_path), [&] {
    return vp8::Rebase(vp8::take_apart(prediction.bytes(), skipped, sources), options);
  });
  times.loaded = Clock::now();

  auto const state_path = arguments.text("state");
  auto const state_bytes = vp8::read_state(state_path);
  times.state_there = Clock::now();
  times.cpu_before = std::clock();
  // The next chunk waits for the state, nobody for the frames.
  auto const pass_on = [&](vp8::DecoderState const& after) {
    write_file(arguments.text("state-out"), vp8::serialise(after));
    times.state_written = Clock::now();
    times.cpu_after = std::clock();
  };
  auto const [state, chunk] = in_context(input_name(state_path), [&] {
    auto const before = vp8::deserialise(state_bytes);
    return std::pair(before, rebase.run(before, pass_on));
  });
  times.frames_there = Clock::now();
  auto const bytes = write_frames(arguments.text("output"), prediction, chunk.frames);

  auto const quality = mean_ssim(state, chunk.frames, sources);
  auto const text = report(times, chunk, rebase.dependent_frames(), bytes, quality);
  std::cerr << text;
  if (auto const path = arguments.find("stats")) {
    write_file(*path, {reinterpret_cast<std::uint8_t const*>(text.data()), text.size()});
  }
  return ExitCode::kOk;
}

}  // namespace

Command rebase_command() {
  return {
      "rebase",
      "re-express a chunk on another decoder state",
      {{},
       {{"source", 0, "SRC.y4m", "the chunk's pictures; - is standard input", {}, true},
        {"prediction", 0, "PRED.ivf", "the chunk as encoded on its own", {}, true},
        {"state", 0, "STATE", "where the chunk before ended; - or a FIFO is waited for", {}, true},
        {"output", 'o', "OUT.ivf", "where to write the frames", {}, true},
        {"state-out", 0, "STATE", "where to write the state after them", {}, true},
        {"skip-first", 0, "N", "throw away the prediction's first N frames", "1"},
        {"source-overlap", 0, "", "the source has pictures for the frames thrown away, too"},
        {"bit-worth", 0, "W", "a bit saved may cost an error of W/1024 squared steps", "60"},
        {"threads", 0, "N", "threads to rebase with; 0: as many as it may use, up to four", "1"},
        {"stats", 0, "FILE.json", "write the line with the timings there, too"},
        {"simd", 0, "none|sse41|avx2|neon", "instruction set to use; also XC_SIMD"}},
       "Source and prediction are loaded, and what does not depend on the state is done, before\n"
       "the state is opened. The new state is written before the frames. At the end there is a\n"
       "line of JSON on standard error: load_ms before the state was opened, wait_ms until it was\n"
       "there, rebase_ms until the new one was written,\n"
       "rebase_cpu_ms the processor's part of that, frames_ms until the frames were there, too;\n"
       "and the mean SSIM of luma, measured when\n"
       "nobody waits any more. Hidden frames need no source picture."},
      run};
}

}  // namespace xc::cli
