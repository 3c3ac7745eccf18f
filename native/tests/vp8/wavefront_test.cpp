#include "vp8/wavefront.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace xc::vp8 {
namespace {

constexpr std::size_t kCrewSizes[] = {1, 2, 3, 8};

TEST(Crew, every_member_is_called_once_in_each_run) {
  for (auto const size : kCrewSizes) {
    Crew crew(size);
    ASSERT_EQ(crew.size(), size);
    for (int run = 0; run < 50; ++run) {
      std::vector<int> calls(size);
      auto const count = [&](std::size_t member) { ++calls[member]; };
      crew.run(count);
      EXPECT_EQ(calls, std::vector<int>(size, 1));
    }
  }
}

TEST(Crew, an_exception_comes_out_when_all_are_back_and_the_crew_goes_on) {
  for (auto const size : kCrewSizes) {
    Crew crew(size);
    std::atomic<std::size_t> calls = 0;
    auto const fail = [&](std::size_t member) {
      ++calls;
      if (member == size - 1) throw std::runtime_error("member " + std::to_string(member));
    };
    EXPECT_THROW(crew.run(fail), std::runtime_error);
    EXPECT_EQ(calls, size);
    calls = 0;
    auto const count = [&](std::size_t) { ++calls; };
    crew.run(count);
    EXPECT_EQ(calls, size);
  }
}

// How far each row has got; checks what the row above has done whenever a place is entered.
class Field {
 public:
  Field(int rows, int places) : places_(places), done_(static_cast<std::size_t>(rows)) {}

  void work(int row, Gate& gate) {
    for (int place = 0; place < places_; ++place) {
      gate.enter(place);
      if (row > 0 && at(row - 1) < std::min(place + 2, places_)) ++too_early_;
      if (at(row) != place) ++out_of_order_;
      ++at(row);
    }
  }

  void expect_complete() const {
    for (auto const& done : done_)
      EXPECT_EQ(done, places_);
    EXPECT_EQ(too_early_, 0);
    EXPECT_EQ(out_of_order_, 0);
  }

 private:
  std::atomic<int>& at(int row) { return done_[static_cast<std::size_t>(row)]; }

  int places_;
  std::vector<std::atomic<int>> done_;
  std::atomic<int> too_early_ = 0;
  std::atomic<int> out_of_order_ = 0;
};

TEST(Wavefront, no_place_is_worked_at_before_the_row_above_has_left_the_next_one) {
  int const sizes[][2] = {{1, 1}, {1, 40}, {7, 1}, {5, 3}, {30, 17}, {9, 100}};
  for (auto const size : kCrewSizes) {
    Crew crew(size);
    Wavefront wavefront(crew);
    for (auto const& [rows, places] : sizes) {
      for (int time = 0; time < 5; ++time) {
        Field field(rows, places);
        wavefront.run(rows, [&](std::size_t, int row, Gate& gate) { field.work(row, gate); });
        field.expect_complete();
      }
    }
  }
}

TEST(Wavefront, a_row_that_fails_holds_nobody_up) {
  for (auto const size : kCrewSizes) {
    Crew crew(size);
    Wavefront wavefront(crew);
    auto const fail = [&](std::size_t, int row, Gate& gate) {
      for (int place = 0; place < 20; ++place) {
        gate.enter(place);
        if (row % 2 == 1 && place == 10) throw std::runtime_error("row " + std::to_string(row));
      }
    };
    EXPECT_THROW(wavefront.run(10, fail), std::runtime_error);
    Field field(10, 20);
    wavefront.run(10, [&](std::size_t, int row, Gate& gate) { field.work(row, gate); });
    field.expect_complete();
  }
}

}  // namespace
}  // namespace xc::vp8
