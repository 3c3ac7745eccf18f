#include "vp8/kernels/tables.hpp"

namespace xc::vp8 {

Kernels const& avx2_kernels() {
  static Kernels const table = sse41_kernels();
  return table;
}

}  // namespace xc::vp8
