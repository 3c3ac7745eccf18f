#include "media/first_pass.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "media/error.hpp"

namespace xc {
namespace {

// libvpx gives the numbers of its FIRSTPASS_STATS (vp8/encoder/onyx_int.h) for each picture, and
// at the end their sums.
constexpr std::size_t kNumbers = 18;
constexpr std::size_t kFrameNumber = 0;
constexpr std::size_t kIntraError = 1;
constexpr std::size_t kBestError = 2;
constexpr std::size_t kPredictedShare = 4;
constexpr std::size_t kMovingShare = 5;
constexpr std::size_t kCount = 17;

using Record = std::array<double, kNumbers>;

Record record_at(std::span<std::uint8_t const> statistics, std::size_t index) {
  Record record;
  std::memcpy(record.data(), statistics.data() + index * sizeof record, sizeof record);
  return record;
}

void check(bool holds, std::span<std::uint8_t const> statistics) {
  if (holds) return;
  throw InternalError("libvpx's statistics of the first pass are of an unknown kind (" +
                      std::to_string(statistics.size()) + " bytes)");
}

// Hardly anything of the picture before is of use.
bool is_cut(PictureStatistics const& picture) {
  return picture.best_error > 0.75 * picture.intra_error && picture.predicted_share < 0.35;
}

// A cut is worth a key frame if others are predicted from that. In noise and under strobe lights
// there would be one after the other. A third of the pictures, to the nearest, may be cuts: in a
// short chunk at a clip's end that is still two.
bool cuts_are_rare(std::span<PictureStatistics const> pictures) {
  auto const cuts = std::count_if(pictures.begin() + 1, pictures.end(), is_cut);
  return cuts <= std::max<std::ptrdiff_t>(1, (std::ssize(pictures) + 1) / 3);
}

double novelty(PictureStatistics const& picture) {
  return picture.intra_error > 0 ? picture.best_error / picture.intra_error : 0;
}

}  // namespace

std::vector<PictureStatistics> read_statistics(std::span<std::uint8_t const> statistics) {
  check(statistics.size() % sizeof(Record) == 0 && !statistics.empty(), statistics);
  std::size_t const count = statistics.size() / sizeof(Record) - 1;
  check(record_at(statistics, count)[kCount] == static_cast<double>(count), statistics);
  std::vector<PictureStatistics> pictures;
  for (std::size_t i = 0; i < count; ++i) {
    auto const record = record_at(statistics, i);
    check(record[kFrameNumber] == static_cast<double>(i) && record[kCount] == 1, statistics);
    pictures.push_back(
        {record[kIntraError], record[kBestError], record[kPredictedShare], record[kMovingShare]});
  }
  return pictures;
}

std::vector<FrameRole> mark_changes(std::span<PictureStatistics const> pictures) {
  // Much is new where it is much by itself, and by what the chunk's other pictures have.
  constexpr double kMuch = 0.4;
  constexpr double kTimesTheOthers = 3;
  std::vector<FrameRole> roles(pictures.size(), FrameRole::kUsual);
  if (pictures.empty()) return roles;
  bool const marks_cuts = cuts_are_rare(pictures);
  double sum = 0;
  for (std::size_t i = 1; i < pictures.size(); ++i)
    sum += novelty(pictures[i]);
  for (std::size_t i = 1; i < pictures.size(); ++i) {
    double const here = novelty(pictures[i]);
    double const others =
        (sum - here) / static_cast<double>(std::max<std::size_t>(pictures.size(), 3) - 2);
    if (is_cut(pictures[i])) {
      if (marks_cuts) roles[i] = FrameRole::kKey;
    } else if (here > kMuch && here > kTimesTheOthers * others) {
      roles[i] = FrameRole::kGolden;
    }
  }
  return roles;
}

double motion(std::span<PictureStatistics const> pictures) {
  if (pictures.size() < 2) return 0;
  double sum = 0;
  for (auto const& picture : pictures.subspan(1))
    sum += picture.moving_share;
  return sum / static_cast<double>(pictures.size() - 1);
}

void make_golden(std::vector<FrameRole>& roles, std::size_t frame) {
  constexpr std::size_t kSoon = 4;
  if (frame >= roles.size()) return;
  auto const from = roles.begin() + 1;
  auto const to =
      roles.begin() + static_cast<std::ptrdiff_t>(std::min(frame + kSoon, roles.size()));
  if (std::find(from, to, FrameRole::kKey) == to) roles[frame] = FrameRole::kGolden;
}

}  // namespace xc
