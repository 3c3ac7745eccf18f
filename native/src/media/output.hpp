// Where bytes go: a file, a FIFO, a device or standard output ("-").
//
// A regular file appears whole or not at all: bytes go to a temporary file beside it, and commit()
// renames it. Whoever does not reach commit() leaves nothing behind. FIFOs, devices and standard
// output are written as the bytes come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xc {

class Output {
 public:
  // Opens a path for writing, or standard output for "-". Throws IoError.
  explicit Output(std::string path);
  Output(Output const&) = delete;
  Output& operator=(Output const&) = delete;
  ~Output();

  void write(std::span<std::uint8_t const> bytes);
  void write(std::string_view text);

  // Overwrites bytes at an offset from the start. Only if can_patch().
  [[nodiscard]] bool can_patch() const { return !temporary_path_.empty(); }
  void patch(std::size_t offset, std::span<std::uint8_t const> bytes);

  // Hands buffered bytes to the system; a reader at the other end of a pipe sees them.
  void flush();
  // Ends the output successfully. Nothing may be written afterwards.
  void commit();

 private:
  void open_in_place();
  void open_temporary();
  void write_through(std::span<std::uint8_t const> bytes);
  [[noreturn]] void fail(std::string_view action) const;

  std::string path_;
  std::string temporary_path_;  // empty: written in place
  int descriptor_ = -1;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace xc
