#include "cli/picture_stream.hpp"

#include <array>
#include <utility>

#include "media/error.hpp"
#include "media/input.hpp"
#include "media/ivf.hpp"
#include "media/signature.hpp"
#include "media/y4m.hpp"
#include "vp8/stream_decoder.hpp"

namespace xc::cli {
namespace {

class Y4mStream final : public PictureStream {
 public:
  explicit Y4mStream(std::unique_ptr<Input> input) : reader_(std::move(input)) {}

  [[nodiscard]] std::string const& name() const override { return reader_.name(); }

  PictureView const* next() override {
    if (!reader_.next(picture_)) return nullptr;
    view_ = std::as_const(picture_).view();
    return &view_;
  }

 private:
  Y4mReader reader_;
  Picture picture_;
  PictureView view_;
};

// Pictures that are shown; hidden frames are decoded on the way.
class IvfStream final : public PictureStream {
 public:
  explicit IvfStream(std::unique_ptr<Input> input) : reader_(std::move(input)) {}

  [[nodiscard]] std::string const& name() const override { return reader_.name(); }

  PictureView const* next() override {
    while (reader_.next(frame_)) {
      picture_ = in_context(name(), [&] { return decoder_.decode(frame_.data); });
      if (!picture_) continue;
      view_ = picture_->shown();
      return &view_;
    }
    return nullptr;
  }

 private:
  IvfReader reader_;
  IvfFrame frame_;
  vp8::StreamDecoder decoder_;
  std::shared_ptr<vp8::FrameBuffer const> picture_;
  PictureView view_;
};

}  // namespace

std::unique_ptr<PictureStream> open_pictures(std::string const& path) {
  std::unique_ptr<Input> input = open_input(path);
  std::array<std::uint8_t, kIvfSignature.size()> start{};
  input->unread(std::span(start).first(input->read(start)));
  if (start == kIvfSignature) return std::make_unique<IvfStream>(std::move(input));
  return std::make_unique<Y4mStream>(std::move(input));
}

}  // namespace xc::cli
