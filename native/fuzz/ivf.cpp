// Fuzzes the IVF reader: whatever comes, it gives frames or throws BadInput.
#include "media/ivf.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "media/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::size_t total = 0;
  try {
    xc::IvfReader reader(xc::memory_input({data, size}));
    xc::IvfFrame frame;
    while (reader.next(frame))
      total += frame.data.size();
  } catch (xc::BadInput const&) {  // that is all it may do
  }
  if (total > size) std::abort();
  return 0;
}
