// xc decode: VP8 in IVF in; Y4M, or a line for each picture, out.
#include <memory>
#include <optional>
#include <string>

#include "cli/command.hpp"
#include "media/error.hpp"
#include "media/ivf.hpp"
#include "media/md5.hpp"
#include "media/output.hpp"
#include "media/y4m.hpp"
#include "vp8/kernels.hpp"
#include "vp8/stream_decoder.hpp"

namespace xc::cli {
namespace {

// Writes the Y4M header when the first picture is there: its size is that of the stream, whatever
// the container says.
class Y4mSink {
 public:
  Y4mSink(std::string const& path, IvfHeader const& ivf) : output_(path) {
    header_.width = ivf.width;
    header_.height = ivf.height;
    header_.rate_numerator = ivf.time_base_denominator;
    header_.rate_denominator = ivf.time_base_numerator;
  }

  void write(PictureView const& picture) {
    if (!writer_) start(picture.width(), picture.height());
    if (picture.width() != header_.width || picture.height() != header_.height) {
      throw BadInput("the picture's size changes to " + std::to_string(picture.width()) + "x" +
                     std::to_string(picture.height()) + ", which Y4M cannot express (--md5 can)");
    }
    writer_->write(picture);
  }

  void finish() {
    if (!writer_) start(header_.width, header_.height);
    output_.commit();
  }

 private:
  void start(int width, int height) {
    header_.width = width;
    header_.height = height;
    writer_.emplace(output_, header_);
  }

  Output output_;
  Y4mHeader header_;
  std::optional<Y4mWriter> writer_;
};

struct Sinks {
  std::unique_ptr<Y4mSink> pictures;
  std::unique_ptr<Output> sums;

  void show(PictureView const& picture, std::size_t number) {
    if (pictures) pictures->write(picture);
    if (sums) sums->write(md5(picture) + "  " + std::to_string(number) + "\n");
  }

  void finish() {
    if (pictures) pictures->finish();
    if (sums) sums->commit();
  }
};

ExitCode run(Arguments const& arguments) {
  if (auto const simd = arguments.find("simd")) vp8::select_kernels(*simd);
  auto const path = arguments.find("output");
  bool const wants_sums = arguments.has("md5");
  if (wants_sums && path == "-") throw UsageError("--md5 and -o - both want standard output");

  IvfReader reader(open_input(arguments.positional(0)));
  Sinks sinks;
  if (path) sinks.pictures = std::make_unique<Y4mSink>(*path, reader.header());
  if (wants_sums) sinks.sums = std::make_unique<Output>("-");
  vp8::StreamDecoder decoder;
  IvfFrame frame;
  while (reader.next(frame)) {
    auto const picture = in_context(reader.name(), [&] { return decoder.decode(frame.data); });
    if (picture) sinks.show(picture->shown(), decoder.frames());
  }
  sinks.finish();
  return ExitCode::kOk;
}

}  // namespace

Command decode_command() {
  return {
      "decode",
      "decode VP8 to Y4M",
      {{{"IN.ivf", "a VP8 stream; - is standard input"}},
       {file("output", 'o', "OUT.y4m", File::kWritten,
             "where to write; - is standard output; none: only decode"),
        {"md5", 0, "", "print a line for each picture shown: MD5  NUMBER"},
        {"simd", 0, "none|sse41|avx2|neon", "instruction set to use; also XC_SIMD"}},
       "The MD5 is that of the picture as I420, cropped to the size shown; the number is that\n"
       "of the frame in the file, counted from 1, as in the files beside the VP8 test vectors.\n"
       "Hidden frames give no picture; an empty frame shows the picture before it again."},
      run};
}

}  // namespace xc::cli
