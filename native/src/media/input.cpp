#include "media/input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "media/error.hpp"

namespace xc {
namespace {

std::string system_message(int error) {
  return std::strerror(error);
}

class FileInput final : public Input {
 public:
  explicit FileInput(std::string const& path)
      : Input(input_name(path)),
        descriptor_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) fail_to_open();
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) fail("cannot stat");
    if (S_ISDIR(status.st_mode)) {
      close_file();
      throw BadInput(name(), "is a directory");
    }
    regular_ = S_ISREG(status.st_mode);
    // Standard input may be a file that somebody has read from already.
    start_ = regular_ ? ::lseek(descriptor_, 0, SEEK_CUR) : 0;
  }
  FileInput(FileInput const&) = delete;
  FileInput& operator=(FileInput const&) = delete;
  ~FileInput() override { close_file(); }

  std::size_t read_source(std::span<std::uint8_t> into) override {
    for (;;) {
      auto const count = ::read(descriptor_, into.data(), into.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) fail("cannot read");
    }
  }

  [[nodiscard]] bool can_rewind() const override { return regular_; }

  void rewind_source() override {
    if (::lseek(descriptor_, start_, SEEK_SET) < 0) fail("cannot rewind");
  }

  [[nodiscard]] std::size_t known_rest() const override {
    struct stat status {};
    if (!regular_ || ::fstat(descriptor_, &status) != 0) return 0;
    auto const rest = status.st_size - ::lseek(descriptor_, 0, SEEK_CUR);
    return static_cast<std::size_t>(std::max<off_t>(rest, 0));
  }

 private:
  [[noreturn]] void fail(std::string const& what) {
    int const error = errno;
    throw IoError(name(), what + ": " + system_message(error));
  }

  // A name without a file is wrong, and will be when tried again.
  [[noreturn]] void fail_to_open() {
    int const error = errno;
    auto const what = "cannot open for reading: " + system_message(error);
    auto const wrong_names = {ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG};
    if (std::ranges::find(wrong_names, error) != wrong_names.end()) throw BadInput(name(), what);
    throw IoError(name(), what);
  }

  void close_file() {
    if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
    descriptor_ = -1;
  }

  int descriptor_;
  bool regular_ = false;
  off_t start_ = 0;
};

class MemoryInput final : public Input {
 public:
  MemoryInput(std::span<std::uint8_t const> bytes, std::string name)
      : Input(std::move(name)), bytes_(bytes) {}

  std::size_t read_source(std::span<std::uint8_t> into) override {
    std::size_t const count = std::min(into.size(), bytes_.size() - position_);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(position_), count, into.begin());
    position_ += count;
    return count;
  }

  [[nodiscard]] bool can_rewind() const override { return true; }
  void rewind_source() override { position_ = 0; }
  [[nodiscard]] std::size_t known_rest() const override { return bytes_.size() - position_; }

 private:
  std::span<std::uint8_t const> bytes_;
  std::size_t position_ = 0;
};

}  // namespace

std::size_t Input::read_some(std::span<std::uint8_t> into) {
  if (unread_.empty()) return read_source(into);
  std::size_t const count = std::min(into.size(), unread_.size());
  auto const end = unread_.begin() + static_cast<std::ptrdiff_t>(count);
  std::copy(unread_.begin(), end, into.begin());
  unread_.erase(unread_.begin(), end);
  return count;
}

void Input::unread(std::span<std::uint8_t const> bytes) {
  unread_.insert(unread_.begin(), bytes.begin(), bytes.end());
}

void Input::rewind() {
  unread_.clear();
  rewind_source();
}

std::size_t Input::read(std::span<std::uint8_t> into) {
  std::size_t total = 0;
  while (total < into.size()) {
    std::size_t const count = read_some(into.subspan(total));
    if (count == 0) break;
    total += count;
  }
  return total;
}

void Input::read(std::vector<std::uint8_t>& bytes, std::size_t size) {
  constexpr std::size_t kStep = std::size_t{1} << 20;
  // What the vector has room for already costs nothing, whether or not it will be filled.
  bytes.resize(std::min(size, std::max({bytes.capacity(), kStep, unread_.size() + known_rest()})));
  std::size_t filled = 0;
  for (;;) {
    filled += read(std::span(bytes).subspan(filled));
    if (filled < bytes.size() || filled == size || ended()) break;
    bytes.resize(std::min(size, 2 * bytes.size()));
  }
  bytes.resize(filled);
}

bool Input::ended() {
  std::array<std::uint8_t, 1> next{};
  std::size_t const count = read_some(next);
  unread(std::span(next).first(count));
  return count == 0;
}

std::unique_ptr<Input> open_input(std::string const& path) {
  return std::make_unique<FileInput>(path);
}

std::unique_ptr<Input> memory_input(std::span<std::uint8_t const> bytes, std::string name) {
  return std::make_unique<MemoryInput>(bytes, std::move(name));
}

std::string input_name(std::string_view path) {
  return path == "-" ? "standard input" : std::string(path);
}

}  // namespace xc
