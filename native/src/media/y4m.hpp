// YUV4MPEG2 (Y4M): raw pictures with a line of text in front. Only 8-bit 4:2:0 is spoken here; all
// of its sitings (C420, C420jpeg, C420mpeg2, C420paldv) are the same to us. Anything else is
// refused with a message that says what it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "media/input.hpp"
#include "media/output.hpp"
#include "media/picture.hpp"

namespace xc {

struct Y4mHeader {
  int width = 0;
  int height = 0;
  std::uint32_t rate_numerator = 30;
  std::uint32_t rate_denominator = 1;

  bool operator==(Y4mHeader const&) const = default;
};

class Y4mReader {
 public:
  // The largest picture that VP8 can hold; larger ones are refused.
  static constexpr int kMaxSize = 16383;

  // Reads the header. Throws BadInput.
  explicit Y4mReader(std::unique_ptr<Input> input);

  [[nodiscard]] Y4mHeader const& header() const { return header_; }
  // What messages call the input.
  [[nodiscard]] std::string const& name() const { return input_->name(); }

  // The next picture, or nothing at the end. Throws BadInput ("clip.y4m: frame 17: …") where the
  // file is cut.
  [[nodiscard]] std::optional<Picture> next();
  // The same into a picture whose memory is used again; false at the end.
  [[nodiscard]] bool next(Picture& picture);
  // All pictures that are left.
  [[nodiscard]] std::vector<Picture> rest();

  [[nodiscard]] bool can_rewind() const { return input_->can_rewind(); }
  // Back to the first picture. Only if can_rewind().
  void rewind();

 private:
  bool read_frame_line();
  bool read_picture(Picture& picture);

  std::unique_ptr<Input> input_;
  Y4mHeader header_;
  std::size_t frames_read_ = 0;
};

class Y4mWriter {
 public:
  // Writes the header. The output must outlive the writer.
  Y4mWriter(Output& output, Y4mHeader const& header);

  // The picture must be of the header's size.
  void write(PictureView const& picture);

 private:
  Output& output_;
  Y4mHeader header_;
};

}  // namespace xc
