// Loop filters (RFC 6386 §15). `s` is the first sample behind the edge; `step` leads across it.
#include <algorithm>
#include <cstdlib>

#include "vp8/kernels/tables.hpp"

namespace xc::vp8 {
namespace {

using Sample = Kernels::Sample;
using Stride = Kernels::Stride;

int clamp_signed(int value) {
  return std::clamp(value, -128, 127);
}
int to_signed(Sample sample) {
  return sample - 128;
}
Sample to_sample(int value) {
  return static_cast<Sample>(clamp_signed(value) + 128);
}
int step_between(Sample a, Sample b) {
  return std::abs(a - b);
}

bool within_edge_limit(Sample const* s, Stride step, int limit) {
  return step_between(s[-step], s[0]) * 2 + step_between(s[-2 * step], s[step]) / 2 <= limit;
}

bool within_limits(Sample const* s, Stride step, EdgeLimits const& limits) {
  if (!within_edge_limit(s, step, limits.edge)) return false;
  for (int i : {-4, -3, -2, 0, 1, 2}) {
    if (step_between(s[i * step], s[(i + 1) * step]) > limits.interior) return false;
  }
  return true;
}

bool high_variance(Sample const* s, Stride step, int threshold) {
  return step_between(s[-2 * step], s[-step]) > threshold ||
         step_between(s[step], s[0]) > threshold;
}

// Changes the two samples next to the edge; returns by how much the one behind it was changed.
int adjust(Sample* s, Stride step, bool use_outer_taps) {
  int const p1 = to_signed(s[-2 * step]);
  int const p0 = to_signed(s[-step]);
  int const q0 = to_signed(s[0]);
  int const q1 = to_signed(s[step]);
  int const a = clamp_signed((use_outer_taps ? clamp_signed(p1 - q1) : 0) + 3 * (q0 - p0));
  int const behind = clamp_signed(a + 4) >> 3;
  int const before = clamp_signed(a + 3) >> 3;
  s[0] = to_sample(q0 - behind);
  s[-step] = to_sample(p0 + before);
  return behind;
}

void filter_inner(Sample* s, Stride step, EdgeLimits const& limits) {
  if (!within_limits(s, step, limits)) return;
  bool const high = high_variance(s, step, limits.high_variance);
  int const change = (adjust(s, step, high) + 1) >> 1;
  if (high) return;
  s[step] = to_sample(to_signed(s[step]) - change);
  s[-2 * step] = to_sample(to_signed(s[-2 * step]) + change);
}

void filter_edge(Sample* s, Stride step, EdgeLimits const& limits) {
  if (!within_limits(s, step, limits)) return;
  if (high_variance(s, step, limits.high_variance)) {
    adjust(s, step, true);
    return;
  }
  int const difference = clamp_signed(to_signed(s[-2 * step]) - to_signed(s[step]));
  int const w = clamp_signed(difference + 3 * (s[0] - s[-step]));
  int weight = 27;
  for (int i = 0; i < 3; ++i, weight -= 9) {
    int const change = clamp_signed((weight * w + 63) >> 7);
    auto& behind = s[i * step];
    auto& before = s[(-1 - i) * step];
    behind = to_sample(to_signed(behind) - change);
    before = to_sample(to_signed(before) + change);
  }
}

void filter_simple(Sample* s, Stride step, EdgeLimits const& limits) {
  if (within_edge_limit(s, step, limits.edge)) adjust(s, step, true);
}

using Filter = void (*)(Sample*, Stride, EdgeLimits const&);

// across: 0 for an edge between columns, 1 between rows.
template <Filter filter, int across>
void along(Sample* s, Stride stride, int length, EdgeLimits const& limits) {
  Stride const step = across == 0 ? 1 : stride;
  Stride const next = across == 0 ? stride : 1;
  for (int i = 0; i < length; ++i)
    filter(s + i * next, step, limits);
}

template <Filter filter, int across>
void luma_edge(Sample* samples, Stride stride, EdgeLimits const& limits) {
  along<filter, across>(samples, stride, 16, limits);
}

template <Filter filter, int across>
void luma_inner(Sample* samples, Stride stride, EdgeLimits const& limits) {
  for (int i = 4; i < 16; i += 4) {
    along<filter, across>(samples + i * (across == 0 ? 1 : stride), stride, 16, limits);
  }
}

template <Filter filter, int across>
void chroma_edge(Sample* u, Sample* v, Stride stride, EdgeLimits const& limits) {
  along<filter, across>(u, stride, 8, limits);
  along<filter, across>(v, stride, 8, limits);
}

template <Filter filter, int across>
void chroma_inner(Sample* u, Sample* v, Stride stride, EdgeLimits const& limits) {
  Stride const middle = 4 * (across == 0 ? 1 : stride);
  chroma_edge<filter, across>(u + middle, v + middle, stride, limits);
}

}  // namespace

void add_scalar_loop_filters(Kernels& table) {
  table.filter_luma_edge = {luma_edge<filter_edge, 0>, luma_edge<filter_edge, 1>};
  table.filter_luma_inner = {luma_inner<filter_inner, 0>, luma_inner<filter_inner, 1>};
  table.filter_chroma_edge = {chroma_edge<filter_edge, 0>, chroma_edge<filter_edge, 1>};
  table.filter_chroma_inner = {chroma_inner<filter_inner, 0>, chroma_inner<filter_inner, 1>};
  table.filter_simple_edge = {luma_edge<filter_simple, 0>, luma_edge<filter_simple, 1>};
  table.filter_simple_inner = {luma_inner<filter_simple, 0>, luma_inner<filter_simple, 1>};
}

}  // namespace xc::vp8
