#include "vp8/kernels/tables.hpp"

namespace xc::vp8 {

Kernels const& sse41_kernels() {
  static Kernels const table = scalar_kernels();
  return table;
}

}  // namespace xc::vp8
