#include "vp8/crew.hpp"

#include <limits>
#include <system_error>
#include <utility>

namespace xc::vp8 {

Crew::Crew(std::size_t size) {
  threads_.reserve(size);
  try {
    for (std::size_t member = 1; member < size; ++member) {
      threads_.emplace_back([this, member] { serve(member); });
    }
  } catch (std::system_error const&) {
    // A limit on processes or memory is reached: those that have begun do the work of all.
  }
}

// The threads are joined by their own destructors.
Crew::~Crew() {
  round_.store(-1);
  round_.notify_all();
}

void Crew::work_together() {
  if (!threads_.empty()) {
    busy_.store(static_cast<int>(threads_.size()));
    int const last = round_.load();
    round_.store(last == std::numeric_limits<int>::max() ? 0 : last + 1);
    round_.notify_all();
  }
  attempt(0);
  await(busy_, [](int count) { return count == 0; });
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Crew::attempt(std::size_t member) {
  try {
    call_(work_, member);
  } catch (...) {
    std::lock_guard const lock(failing_);
    if (!failure_) failure_ = std::current_exception();
  }
}

void Crew::serve(std::size_t member) {
  for (int round = 0;;) {
    round = await(round_, [round](int now) { return now != round; });
    if (round < 0) return;
    attempt(member);
    if (busy_.fetch_sub(1) == 1) busy_.notify_all();
  }
}

}  // namespace xc::vp8
