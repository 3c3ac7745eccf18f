#include "media/picture_spool.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "media/error.hpp"

namespace xc {
namespace {

[[noreturn]] void fail(std::string const& what) {
  throw IoError("temporary file for the pictures", what + ": " + std::strerror(errno));
}

}  // namespace

PictureSpool::PictureSpool(Y4mReader reader, std::optional<std::size_t> frame_limit,
                           std::size_t memory_limit)
    : reader_(std::move(reader)),
      frame_limit_(frame_limit.value_or(std::numeric_limits<std::size_t>::max())),
      memory_limit_(memory_limit / i420_size(reader_.header().width, reader_.header().height)),
      file_(nullptr, &std::fclose) {}

PictureView const* PictureSpool::next() {
  bool const found =
      position_ < frame_limit_ &&
      (first_round_ || reader_.can_rewind() ? read_from_reader() : read_from_spool());
  if (!found) {
    if (first_round_) count_ = position_;
    first_round_ = false;
    return nullptr;
  }
  ++position_;
  return &view_;
}

void PictureSpool::rewind() {
  position_ = 0;
  if (reader_.can_rewind()) reader_.rewind();
  if (file_ != nullptr) std::rewind(file_.get());
}

bool PictureSpool::read_from_reader() {
  if (!reader_.next(current_)) {
    if (!first_round_ && position_ < count_) {
      throw IoError(reader_.name(), "has become shorter while it was read");
    }
    return false;
  }
  if (first_round_ && !reader_.can_rewind()) {
    keep();
  } else {
    view_ = std::as_const(current_).view();
  }
  return true;
}

void PictureSpool::keep() {
  if (kept_.size() < memory_limit_) {
    kept_.push_back(std::exchange(current_, {}));
    view_ = std::as_const(kept_.back()).view();
  } else {
    keep_in_file();
    view_ = std::as_const(current_).view();
  }
}

void PictureSpool::keep_in_file() {
  if (file_ == nullptr) file_.reset(std::tmpfile());
  if (file_ == nullptr) fail("cannot create");
  auto const samples = std::as_const(current_).samples();
  if (std::fwrite(samples.data(), 1, samples.size(), file_.get()) != samples.size()) {
    fail("cannot write");
  }
}

bool PictureSpool::read_from_spool() {
  if (position_ == count_) return false;
  if (position_ < kept_.size()) {
    view_ = std::as_const(kept_[position_]).view();
  } else {
    read_kept_file();
    view_ = std::as_const(current_).view();
  }
  return true;
}

void PictureSpool::read_kept_file() {
  auto const samples = current_.samples();
  if (std::fread(samples.data(), 1, samples.size(), file_.get()) != samples.size()) {
    fail("cannot read");
  }
}

}  // namespace xc
