// Puts a frame together from its parts (RFC 6386 §9.1, §9.5, §19).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vp8/frame_header.hpp"
#include "vp8/mode_writer.hpp"
#include "vp8/token_list.hpp"

namespace xc::vp8 {

class FrameWriter {
 public:
  // `probabilities` are those that the frame is decoded with.
  std::vector<std::uint8_t> write(FrameHeader const& header, ProbabilityTables const& probabilities,
                                  MacroblockGrid const& grid, SkipFlags const& skips,
                                  TokenList const& tokens);

  // The same with token partitions, their sizes in front, that exist already.
  std::vector<std::uint8_t> write(FrameHeader const& header, ProbabilityTables const& probabilities,
                                  MacroblockGrid const& grid, SkipFlags const& skips,
                                  std::span<std::uint8_t const> token_bytes);

 private:
  // The frame up to where its token partitions begin, with room for so many bytes of them.
  std::vector<std::uint8_t> begin(FrameHeader const& header, ProbabilityTables const& probabilities,
                                  MacroblockGrid const& grid, SkipFlags const& skips,
                                  std::size_t token_bytes);

  std::vector<std::uint8_t> first_;  // the first partition; kept for its memory
};

}  // namespace xc::vp8
