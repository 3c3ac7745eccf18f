#include "vp8/frame_writer.hpp"

#include <string>

#include "media/error.hpp"

namespace xc::vp8 {

void FrameWriter::write_first_partition(FrameHeader const& header,
                                        ProbabilityTables const& probabilities,
                                        MacroblockGrid const& grid, SkipFlags const& skips) {
  first_.clear();
  BoolEncoder encoder(first_);
  write_frame_header(encoder, header);
  write_modes(encoder, header, probabilities, grid, skips);
  encoder.finish();
}

std::vector<std::uint8_t> FrameWriter::write(FrameHeader const& header,
                                             ProbabilityTables const& probabilities,
                                             MacroblockGrid const& grid, SkipFlags const& skips,
                                             std::span<std::uint8_t const> token_bytes) {
  write_first_partition(header, probabilities, grid, skips);
  std::vector<std::uint8_t> frame;
  frame.reserve(10 + first_.size() + token_bytes.size());
  write_frame_tag(frame, header, first_.size());
  frame.insert(frame.end(), first_.begin(), first_.end());
  frame.insert(frame.end(), token_bytes.begin(), token_bytes.end());
  return frame;
}

std::vector<std::uint8_t> FrameWriter::write(FrameHeader const& header,
                                             ProbabilityTables const& probabilities,
                                             MacroblockGrid const& grid, SkipFlags const& skips,
                                             TokenList const& tokens) {
  std::size_t const count = std::size_t{1} << header.log2_partitions;
  tokens_.assign(3 * (count - 1), 0);
  for (std::size_t partition = 0; partition < count; ++partition) {
    std::size_t const start = tokens_.size();
    BoolEncoder encoder(tokens_);
    tokens.write(encoder, probabilities.coefficients, partition, header.log2_partitions);
    encoder.finish();
    if (partition + 1 == count) break;
    std::size_t const size = tokens_.size() - start;
    if (size >= std::size_t{1} << 24) {
      throw BadInput("a token partition of " + std::to_string(size) +
                     " bytes is more than VP8 allows");
    }
    for (std::size_t i = 0; i < 3; ++i) {
      tokens_[3 * partition + i] = static_cast<std::uint8_t>(size >> (8 * i));
    }
  }
  return write(header, probabilities, grid, skips, tokens_);
}

}  // namespace xc::vp8
