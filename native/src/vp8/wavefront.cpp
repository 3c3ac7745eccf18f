#include "vp8/wavefront.hpp"

namespace xc::vp8 {

void Wavefront::start(int rows) {
  if (rows > capacity_) {
    done_ = std::make_unique<Done[]>(static_cast<std::size_t>(rows));
    capacity_ = rows;
  }
  for (int row = 0; row < rows; ++row)
    done_[static_cast<std::size_t>(row)].places.store(0, std::memory_order_relaxed);
  next_.store(0);
}

}  // namespace xc::vp8
