#include "vp8/kernels/interpolation_vectors.hpp"
#include "vp8/kernels/loop_filters_vectors.hpp"
#include "vp8/kernels/tables.hpp"
#include "vp8/kernels/transforms_vectors.hpp"

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
