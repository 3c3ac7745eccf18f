// One table for each instruction set. Each set fills its table from the parts that it improves and
// takes the rest from the one below.
#pragma once

#include "vp8/kernels.hpp"

// For the small parts that kernels are made of: their vectors must stay in registers.
#define XC_INLINE [[gnu::always_inline]] inline

namespace xc::vp8 {

Kernels const& scalar_kernels();
Kernels const& sse41_kernels();
Kernels const& avx2_kernels();
Kernels const& neon_kernels();

void add_scalar_interpolation(Kernels& table);
void add_scalar_transforms(Kernels& table);
void add_scalar_forward_transforms(Kernels& table);
void add_scalar_loop_filters(Kernels& table);

}  // namespace xc::vp8
