// SSIM (Wang et al. 2004) as libvpx measures it: the plain mean over windows of 8×8 samples that
// lie 4 samples apart, C1 = (0.01·255)², C2 = (0.03·255)². Samples at the right and bottom that do
// not fill a window are left out; windows shrink to the size of a plane that is smaller.
//
// It is not the 11×11 Gaussian of the paper's authors, which is several times slower and ranks
// encodes the same, nor quite ffmpeg's, which takes a smaller C1.
#pragma once

#include "media/picture_view.hpp"

namespace xc {

// From -1 to 1; 1 if and only if the planes are equal where windows lie. They must be of one size.
double ssim(PlaneView const& a, PlaneView const& b);

// −10·log10(1 − SSIM); infinity for 1.
double ssim_decibel(double ssim);

}  // namespace xc
