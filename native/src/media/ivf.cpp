#include "media/ivf.hpp"

#include <algorithm>
#include <utility>

#include "media/bytes.hpp"
#include "media/error.hpp"
#include "media/signature.hpp"

namespace xc {
namespace {

constexpr std::size_t kHeaderSize = 32;
constexpr std::size_t kFrameHeaderSize = 12;
constexpr std::size_t kFrameCountOffset = 24;

using HeaderBytes = std::array<std::uint8_t, kHeaderSize>;
using FrameHeaderBytes = std::array<std::uint8_t, kFrameHeaderSize>;

std::string printable(FourCc const& fourcc) {
  std::string text(fourcc.begin(), fourcc.end());
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text;
}

IvfHeader parse_header(HeaderBytes const& bytes) {
  if (!std::equal(kIvfSignature.begin(), kIvfSignature.end(), bytes.begin())) {
    throw BadInput("not an IVF file (it does not begin with DKIF)" +
                   std::string(what_it_is(bytes)));
  }
  auto const version = load_little_endian<std::uint16_t>(&bytes[4]);
  if (version != 0) throw BadInput("IVF version " + std::to_string(version) + " is not known");
  auto const header_size = load_little_endian<std::uint16_t>(&bytes[6]);
  if (header_size != kHeaderSize) {
    throw BadInput("the IVF header claims " + std::to_string(header_size) + " bytes, not 32");
  }
  IvfHeader header;
  std::copy_n(bytes.begin() + 8, header.fourcc.size(), header.fourcc.begin());
  if (header.fourcc != kVp80) {
    throw BadInput("holds " + printable(header.fourcc) + ", not VP80");
  }
  header.width = load_little_endian<std::uint16_t>(&bytes[12]);
  header.height = load_little_endian<std::uint16_t>(&bytes[14]);
  header.time_base_denominator = load_little_endian<std::uint32_t>(&bytes[16]);
  header.time_base_numerator = load_little_endian<std::uint32_t>(&bytes[20]);
  header.frame_count = load_little_endian<std::uint32_t>(&bytes[kFrameCountOffset]);
  return header;
}

HeaderBytes serialise(IvfHeader const& header) {
  HeaderBytes bytes{};
  std::copy(kIvfSignature.begin(), kIvfSignature.end(), bytes.begin());
  store_little_endian<std::uint16_t>(&bytes[6], kHeaderSize);
  std::copy(header.fourcc.begin(), header.fourcc.end(), bytes.begin() + 8);
  store_little_endian(&bytes[12], header.width);
  store_little_endian(&bytes[14], header.height);
  store_little_endian(&bytes[16], header.time_base_denominator);
  store_little_endian(&bytes[20], header.time_base_numerator);
  store_little_endian(&bytes[kFrameCountOffset], header.frame_count);
  return bytes;
}

}  // namespace

IvfReader::IvfReader(std::unique_ptr<Input> input) : input_(std::move(input)) {
  HeaderBytes bytes{};
  std::size_t const count = input_->read(bytes);
  if (count == 0) throw BadInput(name(), "is empty");
  if (count < bytes.size()) throw BadInput(name(), "ends inside the IVF header");
  header_ = in_context(name(), [&] { return parse_header(bytes); });
}

void IvfReader::fail(std::string_view what) const {
  throw BadInput(name() + ": frame " + std::to_string(frames_read_), what);
}

bool IvfReader::next(IvfFrame& frame) {
  FrameHeaderBytes bytes{};
  std::size_t const count = input_->read(bytes);
  if (count == 0) return false;
  if (count < bytes.size()) fail("the file ends inside its IVF frame header");
  std::size_t const size = load_little_endian<std::uint32_t>(bytes.data());
  if (size > kMaxFrameSize) {
    fail("claims " + std::to_string(size) + " bytes, which VP8 does not allow");
  }
  frame.timestamp = load_little_endian<std::uint64_t>(&bytes[4]);
  input_->read(frame.data, size);
  if (frame.data.size() < size) {
    fail("the file ends after " + std::to_string(frame.data.size()) + " of its " +
         std::to_string(size) + " bytes");
  }
  ++frames_read_;
  return true;
}

std::optional<IvfFrame> IvfReader::next() {
  IvfFrame frame;
  if (!next(frame)) return std::nullopt;
  return frame;
}

std::vector<IvfFrame> IvfReader::rest() {
  std::vector<IvfFrame> frames;
  while (std::optional<IvfFrame> frame = next())
    frames.push_back(*std::move(frame));
  return frames;
}

IvfWriter::IvfWriter(Output& output, IvfHeader const& header) : output_(output), header_(header) {
  output_.write(serialise(header_));
}

void IvfWriter::write(std::uint64_t timestamp, std::span<std::uint8_t const> data) {
  FrameHeaderBytes bytes{};
  store_little_endian(bytes.data(), static_cast<std::uint32_t>(data.size()));
  store_little_endian(&bytes[4], timestamp);
  output_.write(bytes);
  output_.write(data);
  ++frames_written_;
}

void IvfWriter::finish() {
  if (frames_written_ == header_.frame_count || !output_.can_patch()) return;
  header_.frame_count = frames_written_;
  std::array<std::uint8_t, 4> bytes{};
  store_little_endian(bytes.data(), frames_written_);
  output_.patch(kFrameCountOffset, bytes);
}

}  // namespace xc
