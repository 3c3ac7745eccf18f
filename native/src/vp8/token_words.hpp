// Words of 16 bits, noted one after the other in blocks of one size: to grow moves nothing and
// takes no more than is needed, and what one row gives back fits any other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace xc::vp8 {

class TokenWords {
 public:
  using Word = std::uint16_t;

  static constexpr std::size_t kBlockWords = 4096;

  // Forgets all words, and gives all memory back but the first block's.
  void clear();
  // Gets the first block, written to so that the system provides it now.
  void reserve();

  // A place for so many words, kBlockWords at most. Those that are written must be told of.
  Word* room(std::size_t count) {
    if (free_ < count) add_block();
    return blocks_[used_ - 1]->data() + (kBlockWords - free_);
  }
  // Up to where words were written in the room that was asked for last.
  void written(Word const* end) {
    free_ = static_cast<std::size_t>(blocks_[used_ - 1]->data() + kBlockWords - end);
    lengths_[used_ - 1] = kBlockWords - free_;
  }

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t blocks() const { return used_; }
  [[nodiscard]] std::span<Word const> block(std::size_t i) const {
    return std::span(*blocks_[i]).first(lengths_[i]);
  }

 private:
  using Block = std::array<Word, kBlockWords>;

  void add_block();

  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<std::size_t> lengths_;  // of the words in each
  std::size_t used_ = 0;              // blocks
  std::size_t free_ = 0;              // words in the last of them
};

}  // namespace xc::vp8
