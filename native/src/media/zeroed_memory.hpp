// Memory for a library that reads behind what it was given.
//
// libvpx 1.12, told to tune for SSIM, starts its activity map of a frame with the entropy contexts
// where the frame before has left them: one macroblock behind the last. Nine bytes from there
// decide how coefficients are rounded, at coarse quantisers most of all. They belong to the
// allocation after it or to nobody, and so the same pictures had other bytes in every run.
#pragma once

namespace xc {

// While one lives, what its thread gets from malloc is zero, and so are some bytes behind that:
// what a process finds that has used no memory before, as vpxenc is one. Where a sanitizer brings
// its own malloc it does nothing.
class ZeroedMemory {
 public:
  ZeroedMemory();
  ~ZeroedMemory();
  ZeroedMemory(ZeroedMemory const&) = delete;
  ZeroedMemory& operator=(ZeroedMemory const&) = delete;
};

}  // namespace xc
