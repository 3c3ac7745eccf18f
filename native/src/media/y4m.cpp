#include "media/y4m.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string_view>
#include <utility>

#include "media/error.hpp"
#include "media/signature.hpp"

namespace xc {
namespace {

constexpr std::string_view kFrame = "FRAME";
constexpr std::size_t kMaxLine = 1024;

// Reads up to a line feed, which is not kept; nothing at the end of the input. One byte at a time,
// so that nothing behind the line is consumed: lines are short and come once a frame.
std::optional<std::string> read_line(Input& input) {
  std::string line;
  std::array<std::uint8_t, 1> byte{};
  while (line.size() <= kMaxLine) {
    if (input.read(byte) == 0) {
      if (line.empty()) return std::nullopt;
      throw BadInput("the file ends inside a Y4M header");
    }
    if (byte[0] == '\n') return line;
    line.push_back(static_cast<char>(byte[0]));
  }
  throw BadInput("a Y4M header is longer than " + std::to_string(kMaxLine) + " bytes");
}

template <typename Number>
bool parse_number(std::string_view text, Number& number) {
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

int parse_size(std::string_view what, std::string_view text) {
  int size = 0;
  if (!parse_number(text, size) || size < 1 || size > Y4mReader::kMaxSize) {
    throw BadInput("the " + std::string(what) + " '" + std::string(text) +
                   "' is not between 1 and " + std::to_string(Y4mReader::kMaxSize));
  }
  return size;
}

void parse_rate(std::string_view text, Y4mHeader& header) {
  auto const colon = text.find(':');
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 0;
  if (colon == std::string_view::npos || !parse_number(text.substr(0, colon), numerator) ||
      !parse_number(text.substr(colon + 1), denominator)) {
    throw BadInput("the frame rate '" + std::string(text) + "' is not of the form 30:1");
  }
  // 0:0 is how Y4M says "unknown".
  if (numerator == 0 || denominator == 0) return;
  header.rate_numerator = numerator;
  header.rate_denominator = denominator;
}

void check_colour_space(std::string_view text) {
  constexpr std::array<std::string_view, 4> kKnown{"420", "420jpeg", "420mpeg2", "420paldv"};
  for (std::string_view const known : kKnown) {
    if (text == known) return;
  }
  throw BadInput("colour space C" + std::string(text) +
                 " is not supported: convert to 8-bit 4:2:0 (ffmpeg -pix_fmt yuv420p)");
}

void parse_field(std::string_view field, Y4mHeader& header) {
  std::string_view const value = field.substr(1);
  switch (field.front()) {
    case 'W':
      header.width = parse_size("width", value);
      break;
    case 'H':
      header.height = parse_size("height", value);
      break;
    case 'F':
      parse_rate(value, header);
      break;
    case 'C':
      check_colour_space(value);
      break;
    default:
      break;  // interlacing, aspect and comments change nothing for the codec
  }
}

Y4mHeader parse_header(std::string_view line) {
  Y4mHeader header;
  line.remove_prefix(kY4mSignature.size());
  while (!line.empty()) {
    std::string_view const field = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), field.size() + 1));
    if (!field.empty()) parse_field(field, header);
  }
  if (header.width == 0 || header.height == 0) throw BadInput("the Y4M header lacks a size");
  return header;
}

// Nothing else may be read as one line: binary garbage may have no line feed for long.
void check_signature(Input& input) {
  std::array<std::uint8_t, kY4mSignature.size()> bytes{};
  std::size_t const count = input.read(bytes);
  if (count == 0) throw BadInput("is empty");
  if (std::string_view(reinterpret_cast<char const*>(bytes.data()), count) != kY4mSignature) {
    throw BadInput("not a Y4M file (it does not begin with YUV4MPEG2)" +
                   std::string(what_it_is(bytes)));
  }
}

Y4mHeader read_header(Input& input) {
  check_signature(input);
  std::optional<std::string> const line = read_line(input);
  return parse_header(std::string(kY4mSignature) + line.value_or(""));
}

void write_plane(Output& output, PlaneView const& plane) {
  auto const width = static_cast<std::size_t>(plane.width);
  if (plane.stride == plane.width) {
    output.write(std::span(plane.data, width * static_cast<std::size_t>(plane.height)));
    return;
  }
  for (int y = 0; y < plane.height; ++y)
    output.write(std::span(plane.row(y), width));
}

}  // namespace

Y4mReader::Y4mReader(std::unique_ptr<Input> input)
    : input_(std::move(input)),
      header_(in_context<BadInput>(input_->name(), [&] { return read_header(*input_); })) {}

bool Y4mReader::read_frame_line() {
  std::optional<std::string> const line = read_line(*input_);
  if (!line) return false;
  if (*line != kFrame && !line->starts_with(std::string(kFrame) + " ")) {
    throw BadInput("does not begin with FRAME");
  }
  return true;
}

bool Y4mReader::read_picture(Picture& picture) {
  if (!read_frame_line()) return false;
  std::size_t const size = i420_size(header_.width, header_.height);
  std::vector<std::uint8_t> samples = picture.release();
  input_->read(samples, size);
  if (samples.size() < size) {
    throw BadInput("the file ends after " + std::to_string(samples.size()) + " of its " +
                   std::to_string(size) + " bytes");
  }
  picture = Picture(header_.width, header_.height, std::move(samples));
  return true;
}

bool Y4mReader::next(Picture& picture) {
  std::string const where = name() + ": frame " + std::to_string(frames_read_);
  bool const found = in_context<BadInput>(where, [&] { return read_picture(picture); });
  if (found) ++frames_read_;
  return found;
}

std::optional<Picture> Y4mReader::next() {
  Picture picture;
  if (!next(picture)) return std::nullopt;
  return picture;
}

std::vector<Picture> Y4mReader::rest() {
  std::vector<Picture> pictures;
  while (std::optional<Picture> picture = next())
    pictures.push_back(*std::move(picture));
  return pictures;
}

void Y4mReader::rewind() {
  input_->rewind();
  header_ = in_context<BadInput>(name(), [&] { return read_header(*input_); });
  frames_read_ = 0;
}

Y4mWriter::Y4mWriter(Output& output, Y4mHeader const& header) : output_(output), header_(header) {
  output_.write("YUV4MPEG2 W" + std::to_string(header.width) + " H" +
                std::to_string(header.height) + " F" + std::to_string(header.rate_numerator) + ":" +
                std::to_string(header.rate_denominator) + " Ip A1:1 C420jpeg\n");
}

void Y4mWriter::write(PictureView const& picture) {
  if (picture.width() != header_.width || picture.height() != header_.height) {
    throw InternalError("a picture of another size was written to a Y4M file");
  }
  output_.write("FRAME\n");
  write_plane(output_, picture.y);
  write_plane(output_, picture.u);
  write_plane(output_, picture.v);
}

}  // namespace xc
