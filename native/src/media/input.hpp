// Where bytes come from: a file, a FIFO, standard input ("-") or memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xc {

class Input {
 public:
  explicit Input(std::string name) : name_(std::move(name)) {}
  Input(Input const&) = delete;
  Input& operator=(Input const&) = delete;
  virtual ~Input() = default;

  // What messages call it.
  [[nodiscard]] std::string const& name() const { return name_; }

  // Reads at least one byte unless the input has ended (then 0) or `into` is empty.
  std::size_t read_some(std::span<std::uint8_t> into);
  // Puts bytes back that were just read, so that they are read again: for a look at what is coming.
  void unread(std::span<std::uint8_t const> bytes);
  [[nodiscard]] virtual bool can_rewind() const = 0;
  // Back to the first byte. Only if can_rewind().
  void rewind();

  // Reads until `into` is full or the input ends; returns how many bytes there were.
  std::size_t read(std::span<std::uint8_t> into);
  // Makes `bytes` hold the next `size` bytes, or fewer if the input ends before. Memory is that of
  // a file's bytes, and grows with those of a pipe, so a lie about the size costs nothing.
  void read(std::vector<std::uint8_t>& bytes, std::size_t size);

 private:
  // Waits for the next byte, or the end.
  bool ended();
  virtual std::size_t read_source(std::span<std::uint8_t> into) = 0;
  virtual void rewind_source() = 0;
  // How many bytes are certainly there still.
  [[nodiscard]] virtual std::size_t known_rest() const = 0;

  std::string name_;
  std::vector<std::uint8_t> unread_;
};

// Opens a path for reading, or standard input for "-". Throws BadInput if there is no such file,
// IoError if it cannot be read.
std::unique_ptr<Input> open_input(std::string const& path);

// Reads from memory that must outlive the input.
std::unique_ptr<Input> memory_input(std::span<std::uint8_t const> bytes,
                                    std::string name = "memory");

// How the path is called in messages: "-" becomes "standard input".
std::string input_name(std::string_view path);

}  // namespace xc
