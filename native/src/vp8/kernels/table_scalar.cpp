#include "vp8/kernels/tables.hpp"

namespace xc::vp8 {

Kernels const& scalar_kernels() {
  static Kernels const table = [] {
    Kernels made{};
    add_scalar_interpolation(made);
    add_scalar_transforms(made);
    add_scalar_forward_transforms(made);
    add_scalar_loop_filters(made);
    return made;
  }();
  return table;
}

}  // namespace xc::vp8
