#include "vp8/frame_buffer.hpp"

#include <algorithm>
#include <cstring>

#include "vp8/frame_header.hpp"

namespace xc::vp8 {
namespace {

constexpr std::ptrdiff_t align(std::ptrdiff_t size) {
  return (size + FrameBuffer::kAlignment - 1) / FrameBuffer::kAlignment * FrameBuffer::kAlignment;
}

// Rows are far enough apart for both borders; the left one is aligned as well.
constexpr std::ptrdiff_t stride_for(int width) {
  return align(width + FrameBuffer::kBorder) + align(FrameBuffer::kBorder);
}

constexpr std::ptrdiff_t plane_size(int width, int height) {
  return stride_for(width) * (height + 2 * FrameBuffer::kBorder);
}

// Kernels may load whole vectors that reach beyond the last sample they use.
constexpr std::ptrdiff_t kSlack = 2 * FrameBuffer::kAlignment;

}  // namespace

FrameBuffer::FrameBuffer(int width, int height) : width_(width), height_(height) {
  int const coded_width = 16 * in_macroblocks(width);
  int const coded_height = 16 * in_macroblocks(height);
  auto const luma = plane_size(coded_width, coded_height);
  auto const chroma = plane_size(coded_width / 2, coded_height / 2);
  auto const total = static_cast<std::size_t>(luma + 2 * chroma + 2 * kSlack);
  samples_.reset(static_cast<std::uint8_t*>(::operator new[](total, std::align_val_t{kAlignment})));
  std::uint8_t* start = samples_.get() + kSlack;
  for (std::size_t i = 0; i < 3; ++i) {
    int const shift = i == 0 ? 0 : 1;
    auto& plane = planes_[i];
    plane.width = coded_width >> shift;
    plane.height = coded_height >> shift;
    plane.stride = stride_for(plane.width);
    plane.data = start + kBorder * plane.stride + align(kBorder);
    start += plane_size(plane.width, plane.height);
  }
}

PictureView FrameBuffer::shown() const {
  PictureView view{plane(0), plane(1), plane(2)};
  view.y.width = width_;
  view.y.height = height_;
  for (auto* chroma : {&view.u, &view.v}) {
    chroma->width = chroma_size(width_);
    chroma->height = chroma_size(height_);
  }
  return view;
}

void FrameBuffer::extend_sides(std::size_t plane, int first, int last) {
  auto const& samples = planes_[plane];
  for (int y = first; y < last; ++y) {
    auto* row = samples.row(y);
    std::memset(row - kBorder, row[0], kBorder);
    std::memset(row + samples.width, row[samples.width - 1], kBorder);
  }
}

void FrameBuffer::extend_top_and_bottom() {
  for (auto const& plane : planes_) {
    auto const length = static_cast<std::size_t>(plane.width + 2 * kBorder);
    for (int y = 1; y <= kBorder; ++y) {
      std::memcpy(plane.row(-y) - kBorder, plane.row(0) - kBorder, length);
      std::memcpy(plane.row(plane.height - 1 + y) - kBorder, plane.row(plane.height - 1) - kBorder,
                  length);
    }
  }
}

// Once for each cache line. What lies behind the last row is slack.
void FrameBuffer::prefetch(int row, int column) const {
  constexpr int kCacheLine = 64;
  constexpr int kLinesAhead = 2;
  static_assert(kLinesAhead * kCacheLine <= kSlack);
  for (std::size_t i = 0; i < 3; ++i) {
    int const size = i == 0 ? 16 : 8;
    int const x = column * size;
    if (x % kCacheLine != 0) continue;
    auto const from = plane(i);
    for (int y = row * size; y < (row + 1) * size; ++y) {
      __builtin_prefetch(from.row(y) + x + kLinesAhead * kCacheLine);
    }
  }
}

bool FrameBuffer::operator==(FrameBuffer const& other) const {
  if (width_ != other.width_ || height_ != other.height_) return false;
  for (std::size_t i = 0; i < 3; ++i) {
    for (int y = 0; y < planes_[i].height; ++y) {
      auto const length = static_cast<std::size_t>(planes_[i].width);
      if (std::memcmp(planes_[i].row(y), other.planes_[i].row(y), length) != 0) return false;
    }
  }
  return true;
}

void FramePool::prepare(std::size_t count, int width, int height) {
  std::vector<std::shared_ptr<FrameBuffer>> held;
  while (held.size() < count) {
    auto const& buffer = held.emplace_back(acquire(width, height));
    for (std::size_t i = 0; i < 3; ++i) {
      auto const& plane = buffer->plane(i);
      auto const length = static_cast<std::size_t>(plane.width);
      for (int y = 0; y < plane.height; ++y)
        std::memset(plane.row(y), 0, length);
      buffer->extend_sides(i, 0, plane.height);
    }
    buffer->extend_top_and_bottom();
  }
}

std::shared_ptr<FrameBuffer> FramePool::acquire(int width, int height) {
  std::erase_if(buffers_, [&](auto const& buffer) {
    return buffer->width() != width || buffer->height() != height;
  });
  auto const unused = std::find_if(buffers_.begin(), buffers_.end(),
                                   [](auto const& buffer) { return buffer.use_count() == 1; });
  if (unused != buffers_.end()) return *unused;
  return buffers_.emplace_back(std::make_shared<FrameBuffer>(width, height));
}

}  // namespace xc::vp8
