// xc compare: how much alike the pictures of two files are.
#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/picture_stream.hpp"
#include "cli/quality_report.hpp"
#include "media/error.hpp"
#include "media/output.hpp"
#include "media/ssim.hpp"

namespace xc::cli {
namespace {

std::string size_of(PictureView const& picture) {
  return std::to_string(picture.width()) + "x" + std::to_string(picture.height());
}

FrameQuality compare_pictures(PictureView const& a, PictureView const& b) {
  if (a.width() != b.width() || a.height() != b.height()) {
    throw BadInput("the sizes differ: " + size_of(a) + " and " + size_of(b));
  }
  return {squared_error(a.y, b.y), squared_error(a, b), ssim(a.y, b.y)};
}

std::vector<FrameQuality> compare_streams(PictureStream& a, PictureStream& b) {
  std::vector<FrameQuality> frames;
  for (;;) {
    PictureView const* const picture_a = a.next();
    PictureView const* const picture_b = b.next();
    if (picture_a == nullptr && picture_b == nullptr) return frames;
    if (picture_a == nullptr || picture_b == nullptr) {
      std::string const& shorter = picture_a == nullptr ? a.name() : b.name();
      throw BadInput(shorter, "has only " + std::to_string(frames.size()) +
                                  " frames, fewer than the other file");
    }
    frames.push_back(in_context("frame " + std::to_string(frames.size()),
                                [&] { return compare_pictures(*picture_a, *picture_b); }));
  }
}

ExitCode run(Arguments const& arguments) {
  std::string const& path_a = arguments.positional(0);
  std::string const& path_b = arguments.positional(1);
  std::unique_ptr<PictureStream> const a = open_pictures(path_a);
  std::unique_ptr<PictureStream> const b = open_pictures(path_b);
  std::vector<FrameQuality> const frames = compare_streams(*a, *b);
  if (frames.empty()) throw BadInput(a->name(), "holds no frames");
  bool const each_frame = !arguments.has("mean");
  Output output("-");
  output.write(arguments.has("json") ? as_json(frames, each_frame) : as_text(frames, each_frame));
  output.commit();
  return ExitCode::kOk;
}

}  // namespace

Command compare_command() {
  return {
      "compare",
      "PSNR and SSIM between two files",
      {{{"A", "Y4M or IVF; - is standard input"}, {"B", "the file to compare it with"}},
       {{"json", 0, "", "print JSON"}, {"mean", 0, "", "print the mean only"}},
       "Per frame and for all: PSNR of luma, PSNR of all three planes weighted by their samples,\n"
       "SSIM of luma over 8x8 windows 4 samples apart (as libvpx measures it), and\n"
       "-10*log10(1-SSIM). Means are taken before decibels. It is an error if the files differ in\n"
       "picture size or number of frames. Decibels of equal pictures are called identical, null\n"
       "in JSON."},
      run};
}

}  // namespace xc::cli
