#include "media/signature.hpp"

#include <algorithm>

namespace xc {
namespace {

constexpr std::array<std::uint8_t, 4> kEbml{0x1a, 0x45, 0xdf, 0xa3};

template <typename Signature>
bool begins_with(std::span<std::uint8_t const> start, Signature const& signature) {
  return start.size() >= signature.size() &&
         std::equal(signature.begin(), signature.end(), start.begin());
}

}  // namespace

std::string_view what_it_is(std::span<std::uint8_t const> start) {
  if (begins_with(start, kEbml)) {
    return ": it is WebM or Matroska; `ffmpeg -i FILE -c copy FILE.ivf` takes the VP8 out of it";
  }
  if (begins_with(start, kIvfSignature)) return ": it is IVF; `xc decode` makes Y4M of it";
  if (begins_with(start, kY4mSignature)) return ": it is Y4M; `xc encode` makes IVF of it";
  return "";
}

}  // namespace xc
