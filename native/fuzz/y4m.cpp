// Fuzzes the Y4M reader: whatever comes, it gives pictures or throws BadInput.
#include "media/y4m.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "media/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::size_t total = 0;
  try {
    xc::Y4mReader reader(xc::memory_input({data, size}));
    xc::Picture picture;
    while (reader.next(picture)) {
      for (auto const& plane : {picture.view().y, picture.view().u, picture.view().v}) {
        total += static_cast<std::size_t>(plane.width) * static_cast<std::size_t>(plane.height);
      }
    }
  } catch (xc::BadInput const&) {  // that is all it may do
  }
  if (total > size) std::abort();
  return 0;
}
