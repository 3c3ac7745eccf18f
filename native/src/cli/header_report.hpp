// Frame headers as text and as JSON.
#pragma once

#include <cstddef>
#include <string>

#include "vp8/frame_header.hpp"

namespace xc::cli {

// One line without its end: "frame 3: 1234 bytes, key frame 176x144, …".
std::string header_as_text(std::size_t number, std::size_t bytes, vp8::FrameParts const& parts);
// One JSON object.
std::string header_as_json(std::size_t number, std::size_t bytes, vp8::FrameParts const& parts);
// The same for an empty frame.
std::string empty_frame_as_text(std::size_t number);
std::string empty_frame_as_json(std::size_t number);

}  // namespace xc::cli
