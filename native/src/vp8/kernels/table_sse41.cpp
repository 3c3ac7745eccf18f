#include "vp8/kernels/interpolation_x86.hpp"
#include "vp8/kernels/loop_filters_x86.hpp"
#include "vp8/kernels/tables.hpp"
#include "vp8/kernels/transforms_x86.hpp"

namespace xc::vp8 {

Kernels const& sse41_kernels() {
  static Kernels const table = [] {
    Kernels made = scalar_kernels();
    interpolation::add_to(made);
    transforms::add_to(made);
    loop::add_to(made);
    return made;
  }();
  return table;
}

}  // namespace xc::vp8
