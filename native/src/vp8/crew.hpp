// Threads that work on one thing together, again and again.
//
// Waiting is done awake for a little while, because what is waited for is mostly near, and asleep
// from then on.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace xc::vp8 {

// Tells the processor that a loop does nothing but wait.
inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Returns the first value that is `enough`. Whoever changes the value must notify of it.
template <typename Enough>
int await(std::atomic<int> const& value, Enough enough) {
  constexpr auto kPatience = std::chrono::microseconds(30);
  auto const bedtime = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    int const seen = value.load(std::memory_order_acquire);
    if (enough(seen)) return seen;
    if (std::chrono::steady_clock::now() < bedtime) {
      for (int i = 0; i < 8; ++i)
        relax();
    } else {
      value.wait(seen, std::memory_order_acquire);
    }
  }
}

class Crew {
 public:
  // `size` counts the caller, who works too; at least one. Where the system does not start so many
  // threads there are fewer: see size().
  explicit Crew(std::size_t size);
  ~Crew();
  Crew(Crew const&) = delete;
  Crew& operator=(Crew const&) = delete;

  [[nodiscard]] std::size_t size() const { return threads_.size() + 1; }

  // Calls work(member) once for each member from 0 to size() - 1, all at a time. Returns when the
  // last one is back; throws the first of their exceptions, if there was any.
  template <typename Work>
  void run(Work const& work) {
    call_ = [](void const* what, std::size_t member) { (*static_cast<Work const*>(what))(member); };
    work_ = &work;
    work_together();
  }

 private:
  void work_together();
  void attempt(std::size_t member);
  void serve(std::size_t member);

  void (*call_)(void const* work, std::size_t member) = nullptr;
  void const* work_ = nullptr;
  std::atomic<int> round_ = 0;  // negative: go home
  std::atomic<int> busy_ = 0;   // members but the caller
  std::mutex failing_;
  std::exception_ptr failure_;
  std::vector<std::jthread> threads_;  // last: they use all the others
};

}  // namespace xc::vp8
