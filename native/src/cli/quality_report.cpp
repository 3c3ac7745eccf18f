#include "cli/quality_report.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "media/ssim.hpp"

namespace xc::cli {
namespace {

std::string number(double value, int digits) {
  std::array<char, 64> text{};
  auto const [end, error] = std::to_chars(text.data(), text.data() + text.size(), value,
                                          std::chars_format::fixed, digits);
  return error == std::errc() ? std::string(text.data(), end) : "nan";
}

std::string json_number(double value, int digits) {
  return std::isfinite(value) ? number(value, digits) : "null";
}

std::string decibels(double value) {
  return std::isinf(value) ? "identical" : number(value, 4);
}

std::string text_line(FrameQuality const& quality) {
  return "psnr-y " + decibels(psnr(quality.luma)) + " psnr " + decibels(psnr(quality.all_planes)) +
         " ssim " + number(quality.ssim, 6) + " ssim-db " + decibels(ssim_decibel(quality.ssim)) +
         "\n";
}

std::string json_object(FrameQuality const& quality) {
  return "{\"psnr_y\": " + json_number(psnr(quality.luma), 4) +
         ", \"psnr\": " + json_number(psnr(quality.all_planes), 4) +
         ", \"ssim\": " + json_number(quality.ssim, 8) +
         ", \"ssim_db\": " + json_number(ssim_decibel(quality.ssim), 4) + "}";
}

}  // namespace

FrameQuality mean_quality(std::vector<FrameQuality> const& frames) {
  FrameQuality mean;
  for (FrameQuality const& frame : frames) {
    mean.luma += frame.luma;
    mean.all_planes += frame.all_planes;
    mean.ssim += frame.ssim;
  }
  if (!frames.empty()) mean.ssim /= static_cast<double>(frames.size());
  return mean;
}

std::string as_text(std::vector<FrameQuality> const& frames, bool each_frame) {
  std::string text;
  for (std::size_t i = 0; each_frame && i < frames.size(); ++i) {
    text += "frame " + std::to_string(i) + " " + text_line(frames[i]);
  }
  return text + "mean of " + std::to_string(frames.size()) + " " + text_line(mean_quality(frames));
}

std::string as_json(std::vector<FrameQuality> const& frames, bool each_frame) {
  std::string text = "{\"frame_count\": " + std::to_string(frames.size()) +
                     ",\n \"mean\": " + json_object(mean_quality(frames));
  if (each_frame) {
    text += ",\n \"frames\": [";
    for (std::size_t i = 0; i < frames.size(); ++i) {
      text += (i == 0 ? "\n  " : ",\n  ") + json_object(frames[i]);
    }
    text += "]";
  }
  return text + "}\n";
}

}  // namespace xc::cli
