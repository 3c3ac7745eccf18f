// Rows that are worked on at the same time, each a little behind the one above it.
//
// A row has places, from left to right. At a place, the row above must have left the next one
// behind it. Rows are taken from the top by whoever has time, so whoever has the row above is at
// work on it, and nobody waits for ever.
#pragma once

#include <atomic>
#include <limits>
#include <memory>

#include "vp8/crew.hpp"

namespace xc::vp8 {

// What a row looks at before it goes on.
class Gate {
 public:
  // One that is always open, for whoever works alone.
  Gate() = default;
  ~Gate() {
    if (own_ != nullptr) publish(kEverywhere);
  }
  Gate(Gate const&) = delete;
  Gate& operator=(Gate const&) = delete;

  // Waits until the row may work at `place`. All places before it must be done.
  void enter(int place) {
    if (own_ == nullptr) return;
    if (place % kStride == 0) publish(place);
    if (place + 2 > seen_) {
      seen_ = await(*above_, [place](int done) { return done >= place + 2; });
    }
  }

 private:
  friend class Wavefront;

  static constexpr int kEverywhere = std::numeric_limits<int>::max();
  // So many places are told of at once: telling takes time.
  static constexpr int kStride = 4;

  // The first row has nothing above it.
  Gate(std::atomic<int>* own, std::atomic<int> const* above)
      : own_(own), above_(above), seen_(above == nullptr ? kEverywhere : 0) {}

  void publish(int done) {
    own_->store(done);
    own_->notify_all();
  }

  std::atomic<int>* own_ = nullptr;
  std::atomic<int> const* above_ = nullptr;
  int seen_ = kEverywhere;  // how many places of the row above are done, as far as is known here
};

class Wavefront {
 public:
  explicit Wavefront(Crew& crew) : crew_(crew) {}

  // Calls work(member, row, gate) for each row. If a call throws, the others go on, and the
  // exception is thrown in the end.
  template <typename Work>
  void run(int rows, Work const& work) {
    if (crew_.size() == 1) {
      Gate open;
      for (int row = 0; row < rows; ++row)
        work(std::size_t{0}, row, open);
      return;
    }
    start(rows);
    auto const take_rows = [&](std::size_t member) {
      for (int row = next_.fetch_add(1); row < rows; row = next_.fetch_add(1)) {
        auto const at = static_cast<std::size_t>(row);
        Gate gate(&done_[at].places, at == 0 ? nullptr : &done_[at - 1].places);
        work(member, row, gate);
      }
    };
    crew_.run(take_rows);
  }

 private:
  // Each on a cache line of its own.
  struct alignas(64) Done {
    std::atomic<int> places = 0;
  };

  void start(int rows);

  Crew& crew_;
  std::atomic<int> next_ = 0;
  std::unique_ptr<Done[]> done_;
  int capacity_ = 0;
};

}  // namespace xc::vp8
