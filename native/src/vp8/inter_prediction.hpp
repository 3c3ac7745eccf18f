// Inter prediction (RFC 6386 §18): fetches a macroblock from a reference. Vectors may point
// anywhere; outside the frame its edge is repeated for ever.
#pragma once

#include <cstdint>

#include "vp8/frame_buffer.hpp"
#include "vp8/kernels.hpp"
#include "vp8/macroblock_header.hpp"

namespace xc::vp8 {

class InterPredictor {
 public:
  // The version decides on the filters (§9.1).
  InterPredictor(Kernels const& kernels, std::uint8_t version);

  // Writes the prediction of a macroblock into `target`, at its place.
  void predict(MacroblockHeader const& mb, int row, int column, FrameBuffer const& reference,
               FrameBuffer& target) const;

 private:
  struct Place {
    std::size_t plane;
    int x, y;
    int width, height;
  };

  // The vector is in eighths of a sample of that plane.
  void predict_block(Place const& place, MotionVector eighths, FrameBuffer const& reference,
                     FrameBuffer& target) const;
  void predict_whole(MacroblockHeader const& mb, int row, int column, FrameBuffer const& reference,
                     FrameBuffer& target) const;
  void predict_split_luma(MacroblockHeader const& mb, int row, int column,
                          FrameBuffer const& reference, FrameBuffer& target) const;
  void predict_split_chroma(MacroblockHeader const& mb, int row, int column,
                            FrameBuffer const& reference, FrameBuffer& target) const;
  [[nodiscard]] MotionVector chroma_vector(MotionVector mv) const;

  Kernels const& kernels_;
  std::array<Kernels::Interpolate, 3> const& filters_;
  bool full_pixel_chroma_;
};

}  // namespace xc::vp8
