#include "media/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "media/error.hpp"

namespace xc {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1} << 16;

// Only a regular file, or a name that is still free, can be replaced by renaming.
bool must_write_in_place(std::string const& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

}  // namespace

Output::Output(std::string path) : path_(std::move(path)) {
  buffer_.reserve(kBufferSize);
  if (path_ == "-") {
    descriptor_ = STDOUT_FILENO;
  } else if (must_write_in_place(path_)) {
    open_in_place();
  } else {
    open_temporary();
  }
}

Output::~Output() {
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
  if (!temporary_path_.empty()) ::unlink(temporary_path_.c_str());
}

void Output::open_in_place() {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("cannot open for writing");
}

void Output::open_temporary() {
  std::string name = path_ + ".XXXXXX";
  descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor_ < 0) fail("cannot open for writing");
  temporary_path_ = name;
  // mkostemp makes files that only their owner can read; give them what open() would have given.
  mode_t const mask = ::umask(0);
  ::umask(mask);
  if (::fchmod(descriptor_, 0666 & ~mask) != 0) fail("cannot set permissions");
}

void Output::write(std::span<std::uint8_t const> bytes) {
  if (buffer_.size() + bytes.size() > kBufferSize) flush();
  if (bytes.size() >= kBufferSize) {
    write_through(bytes);
  } else {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  }
}

void Output::write(std::string_view text) {
  write(std::span(reinterpret_cast<std::uint8_t const*>(text.data()), text.size()));
}

void Output::patch(std::size_t offset, std::span<std::uint8_t const> bytes) {
  if (!can_patch()) throw InternalError(path_, "is written in place and cannot be patched");
  flush();
  auto const count = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
  if (count < 0) fail("cannot write");
  if (static_cast<std::size_t>(count) != bytes.size()) throw IoError(path_, "cannot write");
}

void Output::flush() {
  write_through(buffer_);
  buffer_.clear();
}

void Output::commit() {
  flush();
  // Some file systems report a full disk only here.
  if (descriptor_ > STDERR_FILENO && ::close(std::exchange(descriptor_, -1)) != 0) {
    fail("cannot close");
  }
  if (temporary_path_.empty()) return;
  if (::rename(temporary_path_.c_str(), path_.c_str()) != 0) fail("cannot rename into place");
  temporary_path_.clear();
}

void Output::write_through(std::span<std::uint8_t const> bytes) {
  while (!bytes.empty()) {
    auto const count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("cannot write");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void Output::fail(std::string_view action) const {
  int const error = errno;
  if (!temporary_path_.empty()) ::unlink(temporary_path_.c_str());
  std::string const name = path_ == "-" ? "standard output" : path_;
  std::string const reason = error == EPIPE ? "the reader has closed it" : std::strerror(error);
  throw IoError(name, std::string(action) + ": " + reason);
}

}  // namespace xc
