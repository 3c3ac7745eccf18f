// xc rebase: a chunk that was encoded on its own, re-expressed on the decoder state that the chunk
// before it ended in. Everything is loaded before the state is opened, so that only the rebase
// itself has to wait for it.
#include "vp8/rebase.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iostream>
#include <span>
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

using Sources = std::vector<std::shared_ptr<vp8::FrameBuffer const>>;

Sources read_sources(std::string const& path, std::size_t skipped) {
  Y4mReader reader(open_input(path));
  Sources sources;
  Picture picture;
  for (std::size_t i = 0; reader.next(picture); ++i) {
    if (i >= skipped) sources.push_back(vp8::padded(picture.view()));
  }
  return sources;
}

std::size_t threads_of(Arguments const& arguments) {
  auto const threads = static_cast<std::size_t>(arguments.integer("threads"));
  return threads != 0 ? threads : std::min(usable_processors(), kEnoughThreads);
}

vp8::RebaseOptions options_of(Arguments const& arguments) {
  vp8::RebaseOptions options;
  options.bit_worth = static_cast<int>(arguments.integer("bit-worth"));
  options.threads = threads_of(arguments);
  return options;
}

struct Prediction {
  IvfHeader header;
  std::vector<std::uint64_t> timestamps;
  std::vector<std::vector<std::uint8_t>> frames;

  explicit Prediction(std::string const& path) {
    IvfReader reader(open_input(path));
    header = reader.header();
    while (auto frame = reader.next()) {
      timestamps.push_back(frame->timestamp);
      frames.push_back(std::move(frame->data));
    }
  }
};

// `timestamps` are those of the frames, perhaps from another beginning.
std::uint64_t write_frames(std::string const& path, IvfHeader header,
                           std::span<std::uint64_t const> timestamps,
                           std::vector<std::vector<std::uint8_t>> const& frames) {
  Output output(path);
  header.frame_count = static_cast<std::uint32_t>(frames.size());
  IvfWriter writer(output, header);
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    writer.write(timestamps[i] - timestamps.front(), frames[i]);
    bytes += frames[i].size();
  }
  writer.finish();
  output.commit();
  return bytes;
}

// What the later part of a run needs of the earlier.
struct Rebased {
  vp8::DecoderState before;
  vp8::RebasedChunk chunk;
  std::size_t dependent = 0;
};

std::string report(Timings const& times, Rebased const& done, std::uint64_t bytes, double ssim) {
  auto const field = [](std::string_view name, auto value) {
    return ", \"" + std::string(name) + "\": " + std::to_string(value);
  };
  return "{\"load_ms\": " + std::to_string(milliseconds(times.loaded - times.start)) +
         field("wait_ms", milliseconds(times.state_there - times.loaded)) +
         field("rebase_ms", milliseconds(times.state_written - times.state_there)) +
         field("frames_ms", milliseconds(times.frames_there - times.state_written)) +
         field("rebase_cpu_ms",
               1000.0 * static_cast<double>(times.cpu_after - times.cpu_before) / CLOCKS_PER_SEC) +
         field("frame_count", done.chunk.frames.size()) +
         field("dependent_frames", done.dependent) + field("key_frames", done.chunk.key_frames) +
         field("bytes", bytes) + R"(, "mean": {"ssim": )" + std::to_string(ssim) + "}}\n";
}

// What it works with is gone when it returns: there is little left to do, but that takes memory.
Rebased rebase(vp8::RebaseOptions const& options, std::vector<std::vector<std::uint8_t>> prediction,
               std::size_t skipped, Sources const& sources, Arguments const& arguments,
               Timings& times) {
  vp8::FramePool pictures;  // of the state
  auto rebase = in_context(input_name(arguments.text("prediction")), [&] {
    auto chunk = vp8::take_apart(std::move(prediction), skipped, sources);
    pictures.prepare(1, chunk.width, chunk.height);
    return vp8::Rebase(std::move(chunk), options);
  });
  times.loaded = Clock::now();

  auto const path = arguments.text("state");
  auto bytes = vp8::read_state(path);
  times.state_there = Clock::now();
  times.cpu_before = std::clock();
  // The next chunk waits for the state, nobody for the frames.
  auto const pass_on = [&](vp8::DecoderState const& after) {
    write_file(arguments.text("state-out"), vp8::serialise(after, std::move(bytes)));
    times.state_written = Clock::now();
    times.cpu_after = std::clock();
  };
  return in_context(input_name(path), [&] {
    Rebased done;
    done.before = vp8::deserialise(bytes, pictures);
    done.chunk = rebase.run(done.before, pass_on);
    done.dependent = rebase.dependent_frames();
    times.frames_there = Clock::now();
    return done;
  });
}

ExitCode run(Arguments const& arguments) {
  if (auto const simd = arguments.find("simd")) vp8::select_kernels(*simd);
  auto const skipped = static_cast<std::size_t>(arguments.integer("skip-first"));
  auto const options = options_of(arguments);

  Timings times;
  Prediction prediction(arguments.text("prediction"));
  auto const sources =
      read_sources(arguments.text("source"), arguments.has("source-overlap") ? skipped : 0);
  auto const done =
      rebase(options, std::move(prediction.frames), skipped, sources, arguments, times);
  auto const bytes = write_frames(arguments.text("output"), prediction.header,
                                  std::span(std::as_const(prediction.timestamps)).subspan(skipped),
                                  done.chunk.frames);

  auto const text = report(times, done, bytes, mean_ssim(done.before, done.chunk.frames, sources));
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
       {file("source", 0, "SRC.y4m", File::kRead, "the chunk's pictures; - is standard input",
             true),
        file("prediction", 0, "PRED.ivf", File::kRead, "the chunk as encoded on its own", true),
        file("state", 0, "STATE", File::kRead,
             "where the chunk before ended; - or a FIFO is waited for", true),
        file("output", 'o', "OUT.ivf", File::kWritten, "where to write the frames", true),
        file("state-out", 0, "STATE", File::kWritten, "where to write the state after them", true),
        number("skip-first", 0, "N", {0, 1 << 16}, "throw away the prediction's first N frames",
               "1"),
        {"source-overlap", 0, "", "the source has pictures for the frames thrown away, too"},
        number("bit-worth", 0, "W", {0, 1024},
               "a bit saved may cost an error of W/1024 squared steps", "60"),
        number("threads", 0, "N", {0, 64},
               "threads to rebase with; 0: as many as it may use, up to four", "1"),
        file("stats", 0, "FILE.json", File::kWritten, "write the line with the timings there, too"),
        {"simd", 0, "none|sse41|avx2|neon", "instruction set to use; also XC_SIMD"}},
       "Source and prediction are loaded, and what does not depend on the state is done, before\n"
       "the state is opened. The new state is written before the frames. At the end there is a\n"
       "line of JSON on standard error: load_ms before the state was opened, wait_ms until it was\n"
       "there, rebase_ms until the new one was written, rebase_cpu_ms the processor's part of\n"
       "that, frames_ms until the frames were there, too; and the mean SSIM of luma, measured\n"
       "when nobody waits any more. Hidden frames need no source picture."},
      run};
}

}  // namespace xc::cli
