#include "vp8/decoder_state.hpp"

#include <algorithm>

namespace xc::vp8 {
namespace {

bool all_zero(SegmentMap const& map) {
  return std::all_of(map.begin(), map.end(), [](auto segment) { return segment == 0; });
}

bool equal(std::shared_ptr<SegmentMap const> const& a, std::shared_ptr<SegmentMap const> const& b) {
  if (a == b) return true;
  if (!a) return all_zero(*b);
  if (!b) return all_zero(*a);
  return *a == *b;
}

bool equal(std::shared_ptr<FrameBuffer const> const& a,
           std::shared_ptr<FrameBuffer const> const& b) {
  return a == b || (a && b && *a == *b);
}

template <typename Values, typename Updates>
void update_values(Values& values, Updates const& updates) {
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = updates[i].value_or(values[i]);
}

}  // namespace

bool Segmentation::operator==(Segmentation const& other) const {
  return absolute == other.absolute && quantizer == other.quantizer &&
         filter_level == other.filter_level && equal(map, other.map);
}

bool References::operator==(References const& other) const {
  return equal(last, other.last) && equal(golden, other.golden) && equal(altref, other.altref);
}

FrameBuffer const& References::operator[](ReferenceFrame reference) const {
  switch (reference) {
    case ReferenceFrame::kGolden:
      return *golden;
    case ReferenceFrame::kAltref:
      return *altref;
    default:
      return *last;
  }
}

// The altref copy comes first: a golden copy that wants the altref gets the copied one. That is
// what libvpx does where both are asked for.
void References::update(ReferenceUpdates const& updates,
                        std::shared_ptr<FrameBuffer const> const& picture) {
  if (updates.copy_to_altref == AltrefCopy::kLast) altref = last;
  if (updates.copy_to_altref == AltrefCopy::kGolden) altref = golden;
  if (updates.copy_to_golden == GoldenCopy::kLast) golden = last;
  if (updates.copy_to_golden == GoldenCopy::kAltref) golden = altref;
  if (updates.refresh_golden) golden = picture;
  if (updates.refresh_altref) altref = picture;
  if (updates.refresh_last) last = picture;
}

ProbabilityTables DecoderState::apply(FrameHeader const& header) {
  if (header.key_frame) {
    auto pictures = std::move(references);
    *this = {};
    references = std::move(pictures);
    width = header.width;
    height = header.height;
    horizontal_scale = header.horizontal_scale;
    vertical_scale = header.vertical_scale;
    color_space = header.color_space;
    clamping_unnecessary = header.clamping_unnecessary;
  }
  if (header.segmentation.update_data) {
    segmentation.absolute = header.segmentation.absolute;
    segmentation.quantizer = header.segmentation.quantizer;
    segmentation.filter_level = header.segmentation.filter_level;
  }
  update_values(filter_deltas.reference, header.filter.reference_deltas);
  update_values(filter_deltas.mode, header.filter.mode_deltas);
  auto const kept = probabilities;
  probabilities.update(header);
  return header.refresh_entropy ? probabilities : kept;
}

}  // namespace xc::vp8
