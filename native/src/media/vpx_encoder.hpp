// libvpx's VP8 encoder with two passes, one thread and the settings of the ExCamera paper.
//
// The passes see the same pictures twice: the first yields statistics, the second packets. With the
// paper's lag of 0 there is a packet per picture; with a lag there may be hidden frames as well,
// which have packets of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "media/picture_view.hpp"

namespace xc {

enum class Tune { kPsnr, kSsim };

// Where key frames other than the first come from.
enum class KeyFrames {
  kAuto,       // libvpx sets them at scene cuts, and kf_max_dist apart at most
  kDisabled,   // libvpx is asked for none
  kFirstOnly,  // the same, and it is an error if there should be one
};

// The defaults are those of the original's vpxenc command.
struct EncoderSettings {
  int cq_level = 24;
  int cpu_used = 0;
  int min_q = 0;
  int max_q = 63;
  std::uint32_t target_bitrate = 4294967295;  // kbit/s; as good as none, the quantiser rules
  int lag_in_frames = 0;
  bool auto_alt_ref = true;
  int token_parts = 0;  // log2 of the number of coefficient partitions
  int kf_min_dist = 0;
  int kf_max_dist = 128;
  KeyFrames key_frames = KeyFrames::kAuto;
  Tune tune = Tune::kSsim;
  // Key frames at cuts (unless there are to be none), golden ones where much is new.
  bool mark_changes = false;
  // A frame that is golden, too, unless a cut follows soon; 0 for none.
  std::size_t golden_frame = 0;
  // But only if so many per cent of the macroblocks move, in the mean over the pictures.
  int golden_motion = 0;
  // The best quantiser as a share of cq_level, in per cent, if that is more than min_q; the other
  // one where a tenth of the macroblocks move (kMoving), in the mean over the pictures.
  int min_q_share = 0;
  int min_q_share_moving = 0;
};

struct VideoFormat {
  int width = 0;
  int height = 0;
  std::uint32_t rate_numerator = 30;  // frames per second
  std::uint32_t rate_denominator = 1;
};

struct EncodedPacket {
  std::int64_t timestamp = 0;  // counts frames
  bool key_frame = false;
  std::span<std::uint8_t const> data;  // valid during the call only
};

// Gives the next picture (valid until the next call), or null at the end.
using PictureSource = std::function<PictureView const*()>;
using PacketSink = std::function<void(EncodedPacket const&)>;

// Of the library that is loaded, as it says itself.
std::string_view libvpx_version();

// The statistics of the first pass. Throws BadInput if libvpx refuses the format, InternalError if
// it fails.
std::vector<std::uint8_t> run_first_pass(EncoderSettings const& settings, VideoFormat const& format,
                                         PictureSource const& source);

void run_second_pass(EncoderSettings const& settings, VideoFormat const& format,
                     std::span<std::uint8_t> statistics, PictureSource const& source,
                     PacketSink const& sink);

}  // namespace xc
