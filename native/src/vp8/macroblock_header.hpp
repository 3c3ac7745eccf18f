// What a frame says about one macroblock before its coefficients (RFC 6386 §19.3), and all of them
// for one frame.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "vp8/modes.hpp"
#include "vp8/motion_vector.hpp"

namespace xc::vp8 {

struct MacroblockHeader {
  MacroblockMode mode = MacroblockMode::kDc;
  MacroblockMode chroma_mode = MacroblockMode::kDc;  // intra only
  ReferenceFrame reference = ReferenceFrame::kIntra;
  std::uint8_t segment = 0;
  bool skips_coefficients = false;                        // mb_skip_coeff: no coefficients follow
  SplitPartition partition = SplitPartition::kTopBottom;  // of kSplit only
  // Of inter modes; for kSplit that of the last subblock. Zero for intra modes: neighbours look.
  MotionVector mv;
  // Of kSubblocks; in key frames the modes that stand in for another `mode` as a context.
  std::array<SubblockMode, 16> subblock_modes{};
  // Of kSplit only.
  std::array<MotionVector, 16> subblock_mvs{};

  bool operator==(MacroblockHeader const&) const = default;

  [[nodiscard]] bool is_inter() const { return reference != ReferenceFrame::kIntra; }
  // Those that have a second-order luma block, and whose inner edges are not always filtered.
  [[nodiscard]] bool is_whole() const {
    return mode != MacroblockMode::kSubblocks && mode != MacroblockMode::kSplit;
  }
};

// The headers of a frame, with a border of headers that are never changed above and to the left:
// row or column -1 may be asked for, and is intra with mode DC.
class MacroblockGrid {
 public:
  MacroblockGrid() = default;
  MacroblockGrid(int rows, int columns) { resize(rows, columns); }

  void resize(int rows, int columns) {
    rows_ = rows;
    columns_ = columns;
    headers_.assign(static_cast<std::size_t>((rows + 1) * (columns + 1)), {});
  }

  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] int columns() const { return columns_; }
  // In memory, the header above lies `stride()` before, the one to the left just before.
  [[nodiscard]] int stride() const { return columns_ + 1; }

  [[nodiscard]] MacroblockHeader* row(int y) { return headers_.data() + offset(y); }
  [[nodiscard]] MacroblockHeader const* row(int y) const { return headers_.data() + offset(y); }

  bool operator==(MacroblockGrid const&) const = default;

 private:
  [[nodiscard]] std::ptrdiff_t offset(int y) const {
    return static_cast<std::ptrdiff_t>(y + 1) * stride() + 1;
  }

  int rows_ = 0;
  int columns_ = 0;
  std::vector<MacroblockHeader> headers_;
};

}  // namespace xc::vp8
