// What xc compare says: the quality of each picture, and the mean.
#pragma once

#include <string>
#include <vector>

#include "media/psnr.hpp"

namespace xc::cli {

struct FrameQuality {
  SquaredError luma;
  SquaredError all_planes;
  double ssim = 0;
};

// Errors are added and SSIM is averaged as they are; decibels come last. (The mean of decibels
// would let one perfect frame outweigh any number of bad ones.)
FrameQuality mean_quality(std::vector<FrameQuality> const& frames);

std::string as_text(std::vector<FrameQuality> const& frames, bool each_frame);
// Infinite decibels, that is equal pictures, are null.
std::string as_json(std::vector<FrameQuality> const& frames, bool each_frame);

}  // namespace xc::cli
