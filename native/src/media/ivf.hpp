// IVF, the container that libvpx's tools use: a header of 32 bytes, then for each frame its size,
// its timestamp and its bytes. All numbers are little-endian.
//
// The header's frame count is a hint: writers to a pipe cannot know it. Readers go on to the end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "media/input.hpp"
#include "media/output.hpp"

namespace xc {

using FourCc = std::array<char, 4>;
inline constexpr FourCc kVp80{'V', 'P', '8', '0'};

struct IvfHeader {
  FourCc fourcc = kVp80;
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  // Frame timestamps count in units of time_base_numerator / time_base_denominator seconds.
  std::uint32_t time_base_denominator = 30;
  std::uint32_t time_base_numerator = 1;
  std::uint32_t frame_count = 0;

  bool operator==(IvfHeader const&) const = default;
};

struct IvfFrame {
  std::uint64_t timestamp = 0;
  std::vector<std::uint8_t> data;  // may be empty: "show the last picture again"

  bool operator==(IvfFrame const&) const = default;
};

class IvfReader {
 public:
  // No VP8 frame is larger: the format's partition sizes do not allow it.
  static constexpr std::size_t kMaxFrameSize = std::size_t{1} << 27;

  // Reads the header. Throws BadInput if it is not one of IVF version 0 with VP8 inside.
  explicit IvfReader(std::unique_ptr<Input> input);

  [[nodiscard]] IvfHeader const& header() const { return header_; }
  // What messages call the input.
  [[nodiscard]] std::string const& name() const { return input_->name(); }

  // The next frame, or nothing at the end. Throws BadInput ("clip.ivf: frame 17: …") where the file
  // is cut.
  [[nodiscard]] std::optional<IvfFrame> next();
  // The same into a frame whose memory is used again; false at the end.
  [[nodiscard]] bool next(IvfFrame& frame);
  // All frames that are left.
  [[nodiscard]] std::vector<IvfFrame> rest();

 private:
  [[noreturn]] void fail(std::string_view what) const;

  std::unique_ptr<Input> input_;
  IvfHeader header_;
  std::size_t frames_read_ = 0;
};

class IvfWriter {
 public:
  // Writes the header, with its frame count as the caller believes it will be. The output must
  // outlive the writer.
  IvfWriter(Output& output, IvfHeader const& header);

  void write(std::uint64_t timestamp, std::span<std::uint8_t const> data);
  // Corrects the header's frame count where the output allows it. The caller commits the output.
  void finish();

 private:
  Output& output_;
  IvfHeader header_;
  std::uint32_t frames_written_ = 0;
};

}  // namespace xc
