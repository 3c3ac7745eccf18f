// xc encode: Y4M in, VP8 in IVF out, through libvpx.
#include <iostream>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "media/error.hpp"
#include "media/ivf.hpp"
#include "media/picture_spool.hpp"
#include "media/vpx_encoder.hpp"
#include "media/y4m.hpp"

namespace xc::cli {
namespace {

constexpr std::int64_t kMaxInt = std::numeric_limits<int>::max();

ArgumentSpec describe_arguments() {
  return {{{"IN.y4m", "8-bit 4:2:0 pictures; - is standard input"}},
          {
              file("output", 'o', "OUT.ivf", File::kWritten, "where to write; - is standard output",
                   true),
              number("frames", 'n', "N", {1, kMaxInt}, "encode the first N frames only"),
              number("cq-level", 'q', "Q", {0, 63}, "quality; 0 is the best", "24"),
              number("cpu-used", 0, "N", {-16, 16}, "higher is faster and worse", "0"),
              number("min-q", 0, "Q", {0, 63}, "best quantiser allowed", "0"),
              number("max-q", 0, "Q", {0, 63}, "worst quantiser allowed", "63"),
              number("target-bitrate", 0, "KBITS", {1, std::numeric_limits<std::uint32_t>::max()},
                     "bound on the bitrate", "4294967295"),
              number("lag-in-frames", 0, "N", {0, 25}, "lookahead; allows hidden frames", "0"),
              {"auto-alt-ref", 0, "0|1", "hidden frames where the lookahead sees a use", "1"},
              number("token-parts", 0, "N", {0, 3}, "log2 of the number of coefficient partitions",
                     "0"),
              {"tune", 0, "ssim|psnr", "what to favour", "ssim"},
              {"kf-mode", 0, "auto|disabled", "may libvpx set key frames after the first?", "auto"},
              number("kf-min-dist", 0, "N", {0, kMaxInt},
                     "least distance of key frames: 0, or the greatest", "0"),
              number("kf-max-dist", 0, "N", {0, kMaxInt}, "greatest distance of key frames", "128"),
              {"first-frame-only-key", 0, "", "like --kf-mode disabled, and fail if there is one"},
              {"mark-changes", 0, "", "key frames at cuts, golden frames where much is new"},
              number("golden-frame", 0, "N", {0, kMaxInt},
                     "make frame N better, unless a cut follows; 0: none", "0"),
              number("golden-motion", 0, "PERCENT", {0, 100},
                     "only if so much of the picture moves, in the mean", "0"),
              number("min-q-share", 0, "PERCENT", {0, 100},
                     "best quantiser allowed, as a share of the cq-level", "0"),
              number("min-q-share-moving", 0, "PERCENT", {0, 100},
                     "another share, where a tenth of the picture moves"),
              {"progress", 0, "", "a line on standard error for each frame"},
          },
          "Two passes, one thread, good quality, constrained quality (cq). The output is the\n"
          "same bytes every time. A pipe's pictures are kept for the second pass, in memory and\n"
          "beyond 256 MiB in a temporary file; a regular file is read twice instead."};
}

bool choose(Arguments const& arguments, std::string_view option, std::string_view yes,
            std::string_view no) {
  std::string const value = arguments.text(option);
  if (value == yes) return true;
  if (value == no) return false;
  throw UsageError("--" + std::string(option) + " must be " + std::string(yes) + " or " +
                   std::string(no) + ", not '" + value + "'");
}

KeyFrames key_frames(Arguments const& arguments) {
  bool const automatic = choose(arguments, "kf-mode", "auto", "disabled");
  if (arguments.has("first-frame-only-key")) return KeyFrames::kFirstOnly;
  return automatic ? KeyFrames::kAuto : KeyFrames::kDisabled;
}

std::string given(std::string_view option, int value) {
  return "--" + std::string(option) + " " + std::to_string(value);
}

// What options say together.
void check(EncoderSettings const& settings) {
  auto const least = given("min-q", settings.min_q);
  auto const most = given("max-q", settings.max_q);
  if (settings.min_q > settings.max_q) throw UsageError(least + " is above " + most);
  if (settings.cq_level < settings.min_q || settings.cq_level > settings.max_q) {
    throw UsageError(given("cq-level", settings.cq_level) + " does not lie between " + least +
                     " and " + most);
  }
  // libvpx knows no other.
  if (settings.key_frames == KeyFrames::kAuto && settings.kf_min_dist != 0 &&
      settings.kf_min_dist != settings.kf_max_dist) {
    throw UsageError(given("kf-min-dist", settings.kf_min_dist) + " must be 0 or the same as " +
                     given("kf-max-dist", settings.kf_max_dist));
  }
}

EncoderSettings settings_from(Arguments const& arguments) {
  if (arguments.has("golden-motion") && !arguments.has("golden-frame")) {
    throw UsageError("--golden-motion is for --golden-frame, which is not given");
  }
  auto const integer = [&](std::string_view option) {
    return static_cast<int>(arguments.integer(option));
  };
  EncoderSettings settings;
  settings.cq_level = integer("cq-level");
  settings.cpu_used = integer("cpu-used");
  settings.min_q = integer("min-q");
  settings.max_q = integer("max-q");
  settings.target_bitrate = static_cast<std::uint32_t>(arguments.integer("target-bitrate"));
  settings.lag_in_frames = integer("lag-in-frames");
  settings.auto_alt_ref = choose(arguments, "auto-alt-ref", "1", "0");
  settings.token_parts = integer("token-parts");
  settings.kf_min_dist = integer("kf-min-dist");
  settings.kf_max_dist = integer("kf-max-dist");
  settings.key_frames = key_frames(arguments);
  settings.mark_changes = arguments.has("mark-changes");
  settings.golden_frame = static_cast<std::size_t>(integer("golden-frame"));
  settings.golden_motion = integer("golden-motion");
  settings.min_q_share = integer("min-q-share");
  settings.min_q_share_moving =
      integer(arguments.has("min-q-share-moving") ? "min-q-share-moving" : "min-q-share");
  settings.tune = choose(arguments, "tune", "ssim", "psnr") ? Tune::kSsim : Tune::kPsnr;
  check(settings);
  return settings;
}

std::optional<std::size_t> frame_limit(Arguments const& arguments) {
  if (!arguments.has("frames")) return std::nullopt;
  return static_cast<std::size_t>(arguments.integer("frames"));
}

IvfHeader ivf_header(Y4mHeader const& y4m, std::size_t frames) {
  IvfHeader header;
  header.width = static_cast<std::uint16_t>(y4m.width);
  header.height = static_cast<std::uint16_t>(y4m.height);
  header.time_base_denominator = y4m.rate_numerator;
  header.time_base_numerator = y4m.rate_denominator;
  header.frame_count = static_cast<std::uint32_t>(frames);
  return header;
}

// Writes the packets so that the header tells their number, to a pipe too. Without hidden frames
// that is the number of pictures; with them, a pipe has to wait until all packets are there.
class PacketWriter {
 public:
  PacketWriter(Output& output, IvfHeader const& header, bool hidden_frames)
      : output_(output), header_(header) {
    if (!hidden_frames || output.can_patch()) writer_.emplace(output, header);
  }

  void write(EncodedPacket const& packet) {
    auto const timestamp = static_cast<std::uint64_t>(packet.timestamp);
    if (writer_) {
      writer_->write(timestamp, packet.data);
    } else {
      waiting_.push_back({timestamp, {packet.data.begin(), packet.data.end()}});
    }
  }

  void finish() {
    if (!writer_) {
      header_.frame_count = static_cast<std::uint32_t>(waiting_.size());
      writer_.emplace(output_, header_);
    }
    for (IvfFrame const& frame : waiting_)
      writer_->write(frame.timestamp, frame.data);
    writer_->finish();
  }

 private:
  Output& output_;
  IvfHeader header_;
  std::optional<IvfWriter> writer_;
  std::vector<IvfFrame> waiting_;
};

// The spool as libvpx wants it, with a line for each picture if they are wanted.
PictureSource source_of(PictureSpool& spool, int pass, bool progress) {
  return [&spool, pass, progress, frame = 0]() mutable {
    PictureView const* const picture = spool.next();
    if (progress && picture != nullptr) {
      std::cerr << "pass " << pass << " frame " << frame++ << std::endl;
    }
    return picture;
  };
}

void encode(EncoderSettings const& settings, PictureSpool& spool, Output& output, bool progress) {
  Y4mHeader const& header = spool.header();
  VideoFormat const format{header.width, header.height, header.rate_numerator,
                           header.rate_denominator};
  std::vector<std::uint8_t> statistics =
      run_first_pass(settings, format, source_of(spool, 1, progress));
  if (spool.size() == 0) throw BadInput(spool.name(), "holds no frames");
  if (settings.golden_frame >= spool.size()) {
    std::cerr << "xc encode: there is no frame " << settings.golden_frame
              << " to be golden: " << spool.name() << " has frames 0 to " << spool.size() - 1
              << std::endl;
  }
  spool.rewind();
  PacketWriter writer(output, ivf_header(header, spool.size()), settings.lag_in_frames > 0);
  run_second_pass(settings, format, statistics, source_of(spool, 2, progress),
                  [&](EncodedPacket const& packet) { writer.write(packet); });
  writer.finish();
}

ExitCode run(Arguments const& arguments) {
  EncoderSettings const settings = settings_from(arguments);
  PictureSpool spool(Y4mReader(open_input(arguments.positional(0))), frame_limit(arguments));
  Output output(arguments.text("output"));
  encode(settings, spool, output, arguments.has("progress"));
  output.commit();
  return ExitCode::kOk;
}

}  // namespace

Command encode_command() {
  return {"encode", "encode Y4M to VP8 in IVF with libvpx", describe_arguments(), run};
}

}  // namespace xc::cli
