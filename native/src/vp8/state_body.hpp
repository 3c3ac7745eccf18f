// What a state's bytes are put together from, and taken apart into: numbers, arrays of bytes,
// planes of pictures. What they mean is known to state_file.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "media/bytes.hpp"
#include "media/error.hpp"
#include "vp8/frame_buffer.hpp"

namespace xc::vp8 {

// Appends to `bytes`, which must outlive it.
class BodyWriter {
 public:
  explicit BodyWriter(std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}

  template <typename Number>
  void number(Number value) {
    bytes_.resize(bytes_.size() + sizeof value);
    store_little_endian(bytes_.data() + bytes_.size() - sizeof value, value);
  }

  // Arrays of bytes, however deep.
  template <typename Array>
  void array(Array const& values) {
    static_assert(sizeof(Array) < 4096);
    static_assert(alignof(Array) == 1);
    raw(reinterpret_cast<std::uint8_t const*>(&values), sizeof values);
  }

  void raw(std::uint8_t const* from, std::size_t size) {
    bytes_.insert(bytes_.end(), from, from + size);
  }

  void picture(FrameBuffer const& picture) {
    for (std::size_t i = 0; i < 3; ++i) {
      auto const plane = picture.plane(i);
      for (int y = 0; y < plane.height; ++y) {
        raw(plane.row(y), static_cast<std::size_t>(plane.width));
      }
    }
  }

 private:
  std::vector<std::uint8_t>& bytes_;
};

// Throws BadInput where the bytes are not what is asked for. They must outlive it.
class BodyReader {
 public:
  explicit BodyReader(std::span<std::uint8_t const> bytes) : rest_(bytes) {}

  std::span<std::uint8_t const> take(std::size_t size) {
    if (size > rest_.size()) throw BadInput("the decoder state is shorter than its contents");
    auto const taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  template <typename Number>
  Number number() {
    return load_little_endian<Number>(take(sizeof(Number)).data());
  }

  // A number below `limit`.
  std::uint8_t small(unsigned limit) {
    auto const value = number<std::uint8_t>();
    if (value >= limit) throw BadInput("the decoder state holds a value out of range");
    return value;
  }

  bool flag() { return small(2) != 0; }

  template <typename Array>
  void array(Array& values) {
    std::memcpy(&values, take(sizeof values).data(), sizeof values);
  }

  void picture(FrameBuffer& picture) {
    for (std::size_t i = 0; i < 3; ++i) {
      auto const& plane = picture.plane(i);
      for (int y = 0; y < plane.height; ++y) {
        auto const width = static_cast<std::size_t>(plane.width);
        std::memcpy(plane.row(y), take(width).data(), width);
      }
      picture.extend_sides(i, 0, plane.height);
    }
    picture.extend_top_and_bottom();
  }

  void expect_end() const {
    if (!rest_.empty()) throw BadInput("the decoder state is longer than its contents");
  }

 private:
  std::span<std::uint8_t const> rest_;
};

}  // namespace xc::vp8
