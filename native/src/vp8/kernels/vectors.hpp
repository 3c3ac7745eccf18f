// The operations on vectors of 16 bytes that the kernels are written in, by whichever instruction
// set a file is compiled for. Samples are unsigned bytes; bytes, words (16 bits) and doubles (32
// bits) are signed. Lanes are counted from the lowest address.
#pragma once

#if defined(__aarch64__)
#include "vp8/kernels/vectors_neon.hpp"
#else
#include "vp8/kernels/vectors_x86.hpp"
#endif
