#include "media/vpx_encoder.hpp"

#include <algorithm>
#include <new>
#include <string>

#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

#include "media/error.hpp"
#include "media/first_pass.hpp"
#include "media/zeroed_memory.hpp"

namespace xc {
namespace {

unsigned as_unsigned(int number) {
  return static_cast<unsigned>(number);
}

vpx_codec_enc_cfg_t configure(EncoderSettings const& settings, VideoFormat const& format) {
  vpx_codec_enc_cfg_t config{};
  if (vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &config, 0) != VPX_CODEC_OK) {
    throw InternalError("libvpx has no default configuration for VP8");
  }
  config.g_threads = 1;
  config.g_w = as_unsigned(format.width);
  config.g_h = as_unsigned(format.height);
  config.g_timebase = {static_cast<int>(format.rate_denominator),
                       static_cast<int>(format.rate_numerator)};
  config.g_lag_in_frames = as_unsigned(settings.lag_in_frames);
  config.rc_end_usage = VPX_CQ;
  config.rc_target_bitrate = settings.target_bitrate;
  config.rc_min_quantizer = as_unsigned(settings.min_q);
  config.rc_max_quantizer = as_unsigned(settings.max_q);
  config.rc_undershoot_pct = 100;
  config.rc_buf_initial_sz = 10000;
  config.rc_buf_optimal_sz = 20000;
  config.rc_buf_sz = 40000;
  config.kf_mode = settings.key_frames == KeyFrames::kAuto ? VPX_KF_AUTO : VPX_KF_DISABLED;
  config.kf_min_dist = as_unsigned(settings.kf_min_dist);
  config.kf_max_dist = as_unsigned(settings.kf_max_dist);
  return config;
}

// libvpx takes the picture as a mutable image but only reads it.
vpx_image_t as_image(PictureView const& picture) {
  vpx_image_t image{};
  auto* const luma = const_cast<unsigned char*>(picture.y.data);
  vpx_img_wrap(&image, VPX_IMG_FMT_I420, as_unsigned(picture.width()),
               as_unsigned(picture.height()), 1, luma);
  image.planes[VPX_PLANE_U] = const_cast<unsigned char*>(picture.u.data);
  image.planes[VPX_PLANE_V] = const_cast<unsigned char*>(picture.v.data);
  image.stride[VPX_PLANE_Y] = static_cast<int>(picture.y.stride);
  image.stride[VPX_PLANE_U] = static_cast<int>(picture.u.stride);
  image.stride[VPX_PLANE_V] = static_cast<int>(picture.v.stride);
  return image;
}

// One pass over the pictures. What libvpx gives back goes to `receive`, which takes
// vpx_codec_cx_pkt_t.
class Pass {
 public:
  Pass(vpx_codec_enc_cfg_t const& config, EncoderSettings const& settings) {
    auto const status = vpx_codec_enc_init(&codec_, vpx_codec_vp8_cx(), &config, 0);
    check_memory(status);
    if (status != VPX_CODEC_OK) throw BadInput("libvpx refuses this video", explanation());
    control(VP8E_SET_CPUUSED, settings.cpu_used);
    control(VP8E_SET_ENABLEAUTOALTREF, settings.auto_alt_ref ? 1U : 0U);
    control(VP8E_SET_TOKEN_PARTITIONS, settings.token_parts);
    control(VP8E_SET_TUNING, settings.tune == Tune::kSsim ? VP8_TUNE_SSIM : VP8_TUNE_PSNR);
    control(VP8E_SET_CQ_LEVEL, as_unsigned(settings.cq_level));
  }
  Pass(Pass const&) = delete;
  Pass& operator=(Pass const&) = delete;
  ~Pass() { vpx_codec_destroy(&codec_); }

  // `flags`: of the first pictures; for the others there are none.
  template <typename Receive>
  void run(PictureSource const& source, std::span<vpx_enc_frame_flags_t const> flags,
           Receive const& receive) {
    vpx_codec_pts_t timestamp = 0;
    while (PictureView const* const picture = source()) {
      vpx_image_t const image = as_image(*picture);
      auto const number = static_cast<std::size_t>(timestamp);
      encode(&image, timestamp++, number < flags.size() ? flags[number] : 0, receive);
    }
    // At the end libvpx is asked until it has nothing more: frames may wait in its lookahead.
    while (encode(nullptr, timestamp, 0, receive)) {
    }
  }

 private:
  template <typename Value>
  void control(int id, Value value) {
    // The checked wrapper vpx_codec_control() needs the id as a literal.
    if (vpx_codec_control_(&codec_, id, value) != VPX_CODEC_OK) {
      throw InternalError("libvpx refuses a setting", explanation());
    }
  }

  template <typename Receive>
  bool encode(vpx_image_t const* image, vpx_codec_pts_t timestamp, vpx_enc_frame_flags_t flags,
              Receive const& receive) {
    auto const status = vpx_codec_encode(&codec_, image, timestamp, 1, flags, VPX_DL_GOOD_QUALITY);
    check_memory(status);
    if (status != VPX_CODEC_OK) {
      throw InternalError("libvpx cannot encode frame " + std::to_string(timestamp), explanation());
    }
    bool any = false;
    vpx_codec_iter_t position = nullptr;
    while (vpx_codec_cx_pkt_t const* const packet = vpx_codec_get_cx_data(&codec_, &position)) {
      receive(*packet);
      any = any || packet->kind == VPX_CODEC_CX_FRAME_PKT;
    }
    return any;
  }

  // That libvpx gets no memory says nothing about the video.
  static void check_memory(vpx_codec_err_t status) {
    if (status == VPX_CODEC_MEM_ERROR) throw std::bad_alloc();
  }

  std::string explanation() {
    char const* const detail = vpx_codec_error_detail(&codec_);
    return detail != nullptr ? detail : vpx_codec_error(&codec_);
  }

  // libvpx reads behind what it gets.
  ZeroedMemory zeroed_memory_;
  vpx_codec_ctx_t codec_{};
};

// A golden frame that libvpx is told to make gets the quantiser that its own ones get. In a short
// chunk it goes into the altref picture as well, which makes files smaller. But for a frame that
// does, libvpx takes no statistics, so that all frames behind it get those of the frame before:
// where there are enough of them for another key frame, it would come too late.
vpx_enc_frame_flags_t flag_for(FrameRole role, KeyFrames key_frames, std::size_t behind) {
  constexpr std::size_t kTooFewForKeyFrames = 5;
  if (role == FrameRole::kUsual) return 0;
  if (role == FrameRole::kKey && key_frames == KeyFrames::kAuto) return VPX_EFLAG_FORCE_KF;
  return VP8_EFLAG_FORCE_GF | (behind > kTooFewForKeyFrames ? VP8_EFLAG_NO_UPD_ARF : 0);
}

std::vector<vpx_enc_frame_flags_t> flags_for(EncoderSettings const& settings,
                                             std::span<PictureStatistics const> pictures) {
  std::vector<vpx_enc_frame_flags_t> flags;
  auto roles = settings.mark_changes ? mark_changes(pictures)
                                     : std::vector<FrameRole>(pictures.size(), FrameRole::kUsual);
  if (settings.golden_frame > 0 && 100 * motion(pictures) >= settings.golden_motion)
    make_golden(roles, settings.golden_frame);
  for (std::size_t i = 0; i < roles.size(); ++i)
    flags.push_back(flag_for(roles[i], settings.key_frames, roles.size() - 1 - i));
  return flags;
}

// For all frames of the chunk. Where things move, what a fine one shows is soon gone: then it is
// not worth its bits.
int best_quantizer(EncoderSettings const& settings, std::span<PictureStatistics const> pictures) {
  bool const moving = motion(pictures) >= kMoving;
  int const share = moving ? settings.min_q_share_moving : settings.min_q_share;
  return std::max(settings.min_q, settings.cq_level * share / 100);
}

// Empty unless the settings ask for something that depends on it.
std::vector<PictureStatistics> statistics_for(EncoderSettings const& settings,
                                              std::span<std::uint8_t const> statistics) {
  bool const wanted = settings.mark_changes || settings.golden_frame > 0 ||
                      settings.min_q_share > 0 || settings.min_q_share_moving > 0;
  return wanted ? read_statistics(statistics) : std::vector<PictureStatistics>();
}

}  // namespace

std::string_view libvpx_version() {
  return vpx_codec_version_str();
}

std::vector<std::uint8_t> run_first_pass(EncoderSettings const& settings, VideoFormat const& format,
                                         PictureSource const& source) {
  vpx_codec_enc_cfg_t config = configure(settings, format);
  config.g_pass = VPX_RC_FIRST_PASS;
  std::vector<std::uint8_t> statistics;
  Pass(config, settings).run(source, {}, [&](vpx_codec_cx_pkt_t const& packet) {
    if (packet.kind != VPX_CODEC_STATS_PKT) return;
    auto const* const begin = static_cast<std::uint8_t const*>(packet.data.twopass_stats.buf);
    statistics.insert(statistics.end(), begin, begin + packet.data.twopass_stats.sz);
  });
  return statistics;
}

void run_second_pass(EncoderSettings const& settings, VideoFormat const& format,
                     std::span<std::uint8_t> statistics, PictureSource const& source,
                     PacketSink const& sink) {
  vpx_codec_enc_cfg_t config = configure(settings, format);
  auto const pictures = statistics_for(settings, statistics);
  config.rc_min_quantizer = as_unsigned(best_quantizer(settings, pictures));
  config.g_pass = VPX_RC_LAST_PASS;
  config.rc_twopass_stats_in = {statistics.data(), statistics.size()};
  bool first = true;
  auto const flags = flags_for(settings, pictures);
  Pass(config, settings).run(source, flags, [&](vpx_codec_cx_pkt_t const& packet) {
    if (packet.kind != VPX_CODEC_CX_FRAME_PKT) return;
    bool const key_frame = (packet.data.frame.flags & VPX_FRAME_IS_KEY) != 0;
    if (key_frame && !first && settings.key_frames == KeyFrames::kFirstOnly) {
      throw InternalError("libvpx set a key frame although it was told not to");
    }
    first = false;
    sink({packet.data.frame.pts,
          key_frame,
          {static_cast<std::uint8_t const*>(packet.data.frame.buf), packet.data.frame.sz}});
  });
}

}  // namespace xc
