#include "cli/picture_stream.hpp"

#include <array>
#include <utility>

#include "media/error.hpp"
#include "media/input.hpp"
#include "media/ivf.hpp"
#include "media/y4m.hpp"

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

}  // namespace

std::unique_ptr<PictureStream> open_pictures(std::string const& path) {
  std::unique_ptr<Input> input = open_input(path);
  std::array<std::uint8_t, 4> start{};
  input->unread(std::span(start).first(input->read(start)));
  constexpr std::array<std::uint8_t, 4> kIvf{'D', 'K', 'I', 'F'};
  if (start == kIvf) throw BadInput(input->name(), "IVF cannot be compared yet");
  return std::make_unique<Y4mStream>(std::move(input));
}

}  // namespace xc::cli
