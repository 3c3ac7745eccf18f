// Pictures from a file of either kind that xc knows: Y4M, or IVF, which is decoded.
#pragma once

#include <memory>
#include <string>

#include "media/picture_view.hpp"

namespace xc::cli {

class PictureStream {
 public:
  PictureStream() = default;
  PictureStream(PictureStream const&) = delete;
  PictureStream& operator=(PictureStream const&) = delete;
  virtual ~PictureStream() = default;

  // What messages call it.
  [[nodiscard]] virtual std::string const& name() const = 0;
  // The next picture, valid until the next call; null at the end.
  virtual PictureView const* next() = 0;
};

// Looks at the first bytes to tell what it is. Throws IoError and BadInput.
std::unique_ptr<PictureStream> open_pictures(std::string const& path);

}  // namespace xc::cli
