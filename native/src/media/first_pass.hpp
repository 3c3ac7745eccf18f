// What libvpx's first pass says about a chunk's pictures, and which of them are to be better than
// others because of that. libvpx itself sees too little of the clip in a chunk to know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace xc {

// How well a picture can be predicted; errors are in libvpx's own unit.
struct PictureStatistics {
  double intra_error = 0;      // from itself
  double best_error = 0;       // from itself or the picture before, whichever is better
  double predicted_share = 0;  // of its macroblocks from the picture before, from 0 to 1
  double moving_share = 0;     // of its macroblocks from another place in the picture before
};

enum class FrameRole : std::uint8_t {
  kUsual,   // as libvpx decides
  kGolden,  // better than others, for those behind it to predict from
  kKey,
};

// One entry for each picture. Throws InternalError if the statistics are not laid out as in the
// libvpx that this is written for.
std::vector<PictureStatistics> read_statistics(std::span<std::uint8_t const> statistics);

// Key frames at cuts where these are rare, golden frames where much is new. The first frame is a
// key frame anyway.
std::vector<FrameRole> mark_changes(std::span<PictureStatistics const> pictures);

// The share of macroblocks that move, in the mean over all pictures but the first; 0 for a single
// one.
double motion(std::span<PictureStatistics const> pictures);
// From here on a chunk counts as one in which things move.
constexpr double kMoving = 0.1;

// Makes one of the frames golden, unless that would soon be lost to a key frame. There need not be
// such a frame.
void make_golden(std::vector<FrameRole>& roles, std::size_t frame);

}  // namespace xc
