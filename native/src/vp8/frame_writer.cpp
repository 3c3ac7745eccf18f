#include "vp8/frame_writer.hpp"

#include <string>

#include "media/error.hpp"

namespace xc::vp8 {

std::vector<std::uint8_t> FrameWriter::begin(FrameHeader const& header,
                                             ProbabilityTables const& probabilities,
                                             MacroblockGrid const& grid, SkipFlags const& skips,
                                             std::size_t token_bytes) {
  first_.clear();
  BoolEncoder encoder(first_);
  write_frame_header(encoder, header);
  write_modes(encoder, header, probabilities, grid, skips);
  encoder.finish();
  std::vector<std::uint8_t> frame;
  frame.reserve(10 + first_.size() + token_bytes);
  write_frame_tag(frame, header, first_.size());
  frame.insert(frame.end(), first_.begin(), first_.end());
  return frame;
}

std::vector<std::uint8_t> FrameWriter::write(FrameHeader const& header,
                                             ProbabilityTables const& probabilities,
                                             MacroblockGrid const& grid, SkipFlags const& skips,
                                             std::span<std::uint8_t const> token_bytes) {
  auto frame = begin(header, probabilities, grid, skips, token_bytes.size());
  frame.insert(frame.end(), token_bytes.begin(), token_bytes.end());
  return frame;
}

std::vector<std::uint8_t> FrameWriter::write(FrameHeader const& header,
                                             ProbabilityTables const& probabilities,
                                             MacroblockGrid const& grid, SkipFlags const& skips,
                                             TokenList const& tokens) {
  // Hardly ever is a token longer than its word; what is not used is given back.
  auto frame = begin(header, probabilities, grid, skips, 2 * tokens.words());
  std::size_t const count = std::size_t{1} << header.log2_partitions;
  std::size_t const sizes = frame.size();
  frame.resize(sizes + 3 * (count - 1));
  for (std::size_t partition = 0; partition < count; ++partition) {
    std::size_t const start = frame.size();
    BoolEncoder encoder(frame);
    tokens.write(encoder, probabilities.coefficients, partition, header.log2_partitions);
    encoder.finish();
    if (partition + 1 == count) break;
    std::size_t const size = frame.size() - start;
    if (size >= std::size_t{1} << 24) {
      throw BadInput("a token partition of " + std::to_string(size) +
                     " bytes is more than VP8 allows");
    }
    for (std::size_t i = 0; i < 3; ++i)
      frame[sizes + 3 * partition + i] = static_cast<std::uint8_t>(size >> (8 * i));
  }
  frame.shrink_to_fit();
  return frame;
}

}  // namespace xc::vp8
