// Pictures that can be gone through several times, wherever they come from.
//
// A regular file is simply read again. A pipe cannot be, so its pictures are kept while they are
// read for the first time: the first of them in memory, those beyond the limit in a nameless
// temporary file.
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "media/picture.hpp"
#include "media/y4m.hpp"

namespace xc {

class PictureSpool {
 public:
  static constexpr std::size_t kMemoryLimit = std::size_t{256} << 20;

  // At most `frame_limit` pictures are given, if there is a limit.
  explicit PictureSpool(Y4mReader reader, std::optional<std::size_t> frame_limit = std::nullopt,
                        std::size_t memory_limit = kMemoryLimit);

  [[nodiscard]] Y4mHeader const& header() const { return reader_.header(); }
  // What messages call the input.
  [[nodiscard]] std::string const& name() const { return reader_.name(); }
  // How many pictures there are; known once they have all been given.
  [[nodiscard]] std::size_t size() const { return count_; }

  // The next picture, valid until the next call; null at the end.
  PictureView const* next();
  // Back to the first picture. Only after next() has given null.
  void rewind();

 private:
  bool read_from_reader();
  bool read_from_spool();
  void keep();
  void keep_in_file();
  void read_kept_file();

  Y4mReader reader_;
  std::size_t frame_limit_;
  std::size_t memory_limit_;  // in pictures

  std::vector<Picture> kept_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  Picture current_;
  PictureView view_;
  std::size_t position_ = 0;
  std::size_t count_ = 0;
  bool first_round_ = true;
};

}  // namespace xc
