#include "vp8/token_words.hpp"

#include <numeric>

namespace xc::vp8 {

void TokenWords::clear() {
  if (blocks_.size() > 1) blocks_.resize(1);
  lengths_.clear();
  used_ = free_ = 0;
}

void TokenWords::reserve() {
  if (blocks_.empty()) blocks_.push_back(std::make_unique<Block>());
}

// Words are not initialised.
void TokenWords::add_block() {
  if (used_ == blocks_.size()) blocks_.push_back(std::make_unique_for_overwrite<Block>());
  lengths_.push_back(0);
  ++used_;
  free_ = kBlockWords;
}

std::size_t TokenWords::size() const {
  return std::accumulate(lengths_.begin(), lengths_.end(), std::size_t{0});
}

}  // namespace xc::vp8
