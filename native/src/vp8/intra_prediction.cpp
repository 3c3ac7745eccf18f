#include "vp8/intra_prediction.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace xc::vp8 {
namespace {

using Sample = std::uint8_t;

void fill(Sample* samples, std::ptrdiff_t stride, int size, int value) {
  for (int row = 0; row < size; ++row) {
    std::memset(samples + row * stride, value, static_cast<std::size_t>(size));
  }
}

void predict_dc(Sample* samples, std::ptrdiff_t stride, int size, bool has_above, bool has_left) {
  int sum = 0;
  int count = 0;
  if (has_above) {
    for (int i = 0; i < size; ++i)
      sum += samples[i - stride];
    count += size;
  }
  if (has_left) {
    for (int i = 0; i < size; ++i)
      sum += samples[i * stride - 1];
    count += size;
  }
  fill(samples, stride, size, count == 0 ? 128 : (sum + count / 2) / count);
}

void predict_vertical(Sample* samples, std::ptrdiff_t stride, int size) {
  for (int row = 0; row < size; ++row) {
    std::memcpy(samples + row * stride, samples - stride, static_cast<std::size_t>(size));
  }
}

void predict_horizontal(Sample* samples, std::ptrdiff_t stride, int size) {
  for (int row = 0; row < size; ++row) {
    auto* line = samples + row * stride;
    std::memset(line, line[-1], static_cast<std::size_t>(size));
  }
}

void predict_true_motion(Sample* samples, std::ptrdiff_t stride, int size) {
  auto const* above = samples - stride;
  int const corner = above[-1];
  for (int row = 0; row < size; ++row) {
    auto* line = samples + row * stride;
    int const step = line[-1] - corner;
    for (int i = 0; i < size; ++i) {
      line[i] = static_cast<Sample>(std::clamp(above[i] + step, 0, 255));
    }
  }
}

Sample average(int a, int b) {
  return static_cast<Sample>((a + b + 1) >> 1);
}

Sample average(int a, int b, int c) {
  return static_cast<Sample>((a + 2 * b + c + 2) >> 2);
}

// The edge of a subblock in one line, as in RFC 6386 §12.3: left column from the bottom up, corner,
// the row above and what follows it.
using Edge = std::array<Sample, 13>;
constexpr int kCorner = 4;

Edge edge_of(Sample const* samples, std::ptrdiff_t stride, Sample const* above_right) {
  Edge edge;
  for (int i = 0; i < 4; ++i)
    edge[static_cast<std::size_t>(3 - i)] = samples[i * stride - 1];
  std::memcpy(edge.data() + kCorner, samples - stride - 1, 5);
  std::memcpy(edge.data() + kCorner + 5, above_right, 4);
  return edge;
}

struct Block {
  Sample* samples;
  std::ptrdiff_t stride;

  Sample& at(int row, int column) const { return samples[row * stride + column]; }

  // All samples on lines with row·a + column·b constant get one value.
  template <typename Index, typename Values>
  void fill_lines(Index index, Values const& values) const {
    for (int row = 0; row < 4; ++row) {
      for (int column = 0; column < 4; ++column) {
        at(row, column) = values[static_cast<std::size_t>(index(row, column))];
      }
    }
  }
};

void predict_smooth_vertical(Block block, Sample const* above) {
  std::array<Sample, 4> values;
  for (int i = 0; i < 4; ++i) {
    values[static_cast<std::size_t>(i)] = average(above[i - 1], above[i], above[i + 1]);
  }
  block.fill_lines([](int, int column) { return column; }, values);
}

void predict_smooth_horizontal(Block block, Edge const& e) {
  std::array<Sample, 4> const values{average(e[4], e[3], e[2]), average(e[3], e[2], e[1]),
                                     average(e[2], e[1], e[0]), average(e[1], e[0], e[0])};
  block.fill_lines([](int row, int) { return row; }, values);
}

void predict_down_left(Block block, Sample const* a) {
  std::array<Sample, 7> values;
  for (std::size_t i = 0; i < 6; ++i)
    values[i] = average(a[i], a[i + 1], a[i + 2]);
  values[6] = average(a[6], a[7], a[7]);
  block.fill_lines([](int row, int column) { return row + column; }, values);
}

void predict_down_right(Block block, Edge const& e) {
  std::array<Sample, 7> values;
  for (std::size_t i = 0; i < 7; ++i)
    values[i] = average(e[i], e[i + 1], e[i + 2]);
  block.fill_lines([](int row, int column) { return 3 - row + column; }, values);
}

void predict_vertical_right(Block block, Edge const& e) {
  block.at(3, 0) = average(e[1], e[2], e[3]);
  block.at(2, 0) = average(e[2], e[3], e[4]);
  block.at(3, 1) = block.at(1, 0) = average(e[3], e[4], e[5]);
  block.at(2, 1) = block.at(0, 0) = average(e[4], e[5]);
  block.at(3, 2) = block.at(1, 1) = average(e[4], e[5], e[6]);
  block.at(2, 2) = block.at(0, 1) = average(e[5], e[6]);
  block.at(3, 3) = block.at(1, 2) = average(e[5], e[6], e[7]);
  block.at(2, 3) = block.at(0, 2) = average(e[6], e[7]);
  block.at(1, 3) = average(e[6], e[7], e[8]);
  block.at(0, 3) = average(e[7], e[8]);
}

void predict_vertical_left(Block block, Sample const* a) {
  block.at(0, 0) = average(a[0], a[1]);
  block.at(1, 0) = average(a[0], a[1], a[2]);
  block.at(2, 0) = block.at(0, 1) = average(a[1], a[2]);
  block.at(1, 1) = block.at(3, 0) = average(a[1], a[2], a[3]);
  block.at(2, 1) = block.at(0, 2) = average(a[2], a[3]);
  block.at(3, 1) = block.at(1, 2) = average(a[2], a[3], a[4]);
  block.at(2, 2) = block.at(0, 3) = average(a[3], a[4]);
  block.at(3, 2) = block.at(1, 3) = average(a[3], a[4], a[5]);
  // The last two do not follow the pattern.
  block.at(2, 3) = average(a[4], a[5], a[6]);
  block.at(3, 3) = average(a[5], a[6], a[7]);
}

void predict_horizontal_down(Block block, Edge const& e) {
  block.at(3, 0) = average(e[0], e[1]);
  block.at(3, 1) = average(e[0], e[1], e[2]);
  block.at(2, 0) = block.at(3, 2) = average(e[1], e[2]);
  block.at(2, 1) = block.at(3, 3) = average(e[1], e[2], e[3]);
  block.at(2, 2) = block.at(1, 0) = average(e[2], e[3]);
  block.at(2, 3) = block.at(1, 1) = average(e[2], e[3], e[4]);
  block.at(1, 2) = block.at(0, 0) = average(e[3], e[4]);
  block.at(1, 3) = block.at(0, 1) = average(e[3], e[4], e[5]);
  block.at(0, 2) = average(e[4], e[5], e[6]);
  block.at(0, 3) = average(e[5], e[6], e[7]);
}

void predict_horizontal_up(Block block, Edge const& e) {
  int const l0 = e[3];
  int const l1 = e[2];
  int const l2 = e[1];
  int const l3 = e[0];
  block.at(0, 0) = average(l0, l1);
  block.at(0, 1) = average(l0, l1, l2);
  block.at(0, 2) = block.at(1, 0) = average(l1, l2);
  block.at(0, 3) = block.at(1, 1) = average(l1, l2, l3);
  block.at(1, 2) = block.at(2, 0) = average(l2, l3);
  block.at(1, 3) = block.at(2, 1) = average(l2, l3, l3);
  block.at(2, 2) = block.at(2, 3) = block.at(3, 0) = block.at(3, 1) = block.at(3, 2) =
      block.at(3, 3) = static_cast<Sample>(l3);
}

}  // namespace

void predict_intra(std::uint8_t* samples, std::ptrdiff_t stride, int size, MacroblockMode mode,
                   bool has_above, bool has_left) {
  switch (mode) {
    case MacroblockMode::kVertical:
      return predict_vertical(samples, stride, size);
    case MacroblockMode::kHorizontal:
      return predict_horizontal(samples, stride, size);
    case MacroblockMode::kTrueMotion:
      return predict_true_motion(samples, stride, size);
    default:
      return predict_dc(samples, stride, size, has_above, has_left);
  }
}

void predict_subblock(std::uint8_t* samples, std::ptrdiff_t stride, SubblockMode mode,
                      std::uint8_t const* above_right) {
  auto const edge = edge_of(samples, stride, above_right);
  auto const* above = edge.data() + kCorner + 1;
  Block const block{samples, stride};
  switch (mode) {
    case SubblockMode::kDc:
      return predict_dc(samples, stride, 4, true, true);
    case SubblockMode::kTrueMotion:
      return predict_true_motion(samples, stride, 4);
    case SubblockMode::kVertical:
      return predict_smooth_vertical(block, above);
    case SubblockMode::kHorizontal:
      return predict_smooth_horizontal(block, edge);
    case SubblockMode::kDownLeft:
      return predict_down_left(block, above);
    case SubblockMode::kDownRight:
      return predict_down_right(block, edge);
    case SubblockMode::kVerticalRight:
      return predict_vertical_right(block, edge);
    case SubblockMode::kVerticalLeft:
      return predict_vertical_left(block, above);
    case SubblockMode::kHorizontalDown:
      return predict_horizontal_down(block, edge);
    case SubblockMode::kHorizontalUp:
      return predict_horizontal_up(block, edge);
  }
}

}  // namespace xc::vp8
