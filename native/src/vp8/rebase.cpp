#include "vp8/rebase.hpp"

#include <algorithm>
#include <atomic>
#include <string>

#include "media/error.hpp"
#include "vp8/mode_change.hpp"
#include "vp8/mode_reader.hpp"

namespace xc::vp8 {
namespace {

void refresh_all(ReferenceUpdates& updates) {
  updates.refresh_last = updates.refresh_golden = updates.refresh_altref = true;
  updates.copy_to_golden = GoldenCopy::kNone;
  updates.copy_to_altref = AltrefCopy::kNone;
}

// The prediction's first frame saw one picture in all references: the frame before the chunk. In
// the real decoder that is the last one; afterwards, it is to be in the others as well.
void copy_last_to_others(ReferenceUpdates& updates) {
  if (!updates.refresh_golden) updates.copy_to_golden = GoldenCopy::kLast;
  if (!updates.refresh_altref) updates.copy_to_altref = AltrefCopy::kLast;
}

bool holds_one_picture(References const& references) {
  return references.last == references.golden && references.last == references.altref;
}

FrameGoal goal_of(PredictedFrame const& frame, int bit_worth) {
  return {*frame.target, frame.visibility, bit_worth};
}

std::array<std::optional<std::int8_t>, 4> difference(std::array<std::int8_t, 4> const& from,
                                                     std::array<std::int8_t, 4> const& to) {
  std::array<std::optional<std::int8_t>, 4> updates{};
  for (std::size_t i = 0; i < 4; ++i) {
    if (from[i] != to[i]) updates[i] = to[i];
  }
  return updates;
}

void adapt_filter_deltas(LoopFilterHeader& header, FilterDeltas const& from,
                         FilterDeltas const& to) {
  if (!header.deltas_enabled) return;
  header.reference_deltas = difference(from.reference, to.reference);
  header.mode_deltas = difference(from.mode, to.mode);
  header.update_deltas = !(from == to);
}

void adapt_segmentation(SegmentationHeader& header, Segmentation const& from,
                        Segmentation const& to) {
  if (!header.enabled) return;
  header.update_data = from.absolute != to.absolute || from.quantizer != to.quantizer ||
                       from.filter_level != to.filter_level;
  header.absolute = header.update_data && to.absolute;
  header.quantizer = header.update_data ? to.quantizer : decltype(to.quantizer){};
  header.filter_level = header.update_data ? to.filter_level : decltype(to.filter_level){};
  auto same_data = to;
  same_data.map = from.map;
  header.update_map = !(same_data == to);
}

}  // namespace

Rebase::Rebase(PredictedChunk chunk, RebaseOptions const& options, Kernels const& kernels)
    : chunk_(std::move(chunk)),
      options_(options),
      crew_(options.threads),
      encoder_(crew_, kernels),
      decoder_(kernels),
      writers_(crew_.size()) {
  auto const& frames = chunk_.frames;
  auto const first = std::find_if(frames.begin(), frames.end(),
                                  [](auto const& frame) { return frame.header.key_frame; });
  settled_from_ = static_cast<std::size_t>(first - frames.begin());
  for (std::size_t i = settled_from_; i < frames.size(); ++i)
    advance(settled_, i);
  if (settled_from_ > 0) prepare();
}

// The system provides memory when it is first written to, which takes as long as filling it.
void Rebase::prepare() {
  encoder_.prepare(chunk_.width, chunk_.height);
  drafts_.resize(std::max(drafts_.size(), settled_from_));
  for (auto& [draft, frame] : drafts_)
    draft.prepare(chunk_.width, chunk_.height);
}

RebasedChunk Rebase::run(DecoderState const& state, Listener const& tell_state) {
  auto const tell = [&](DecoderState const& after) {
    if (tell_state) tell_state(after);
  };
  if (settled_from_ == 0) {
    tell(settled_.result.state);
    return settled_.result;
  }
  if (state.width != chunk_.width || state.height != chunk_.height) {
    throw BadInput("the state's pictures are " + std::to_string(state.width) + "x" +
                   std::to_string(state.height) + ", the prediction's " +
                   std::to_string(chunk_.width) + "x" + std::to_string(chunk_.height));
  }
  drafts_made_ = 0;
  Position position;
  position.state = state;
  for (std::size_t i = 0; i < settled_from_; ++i)
    advance(position, i);
  bool const all_depend = settled_from_ == chunk_.frames.size();
  auto& result = position.result;
  result.state = all_depend ? std::move(position.state) : settled_.state;
  tell(result.state);
  write_drafts(result);
  result.frames.insert(result.frames.end(), settled_.result.frames.begin(),
                       settled_.result.frames.end());
  result.key_frames += settled_.result.key_frames;
  return std::move(result);
}

void Rebase::advance(Position& position, std::size_t index) {
  auto const& frame = chunk_.frames[index];
  if (frame.bytes.empty()) {
    position.result.frames.emplace_back();
  } else if (frame.header.key_frame) {
    position.exact = true;
    ++position.result.key_frames;
    take_over(position, index);
  } else if (position.exact) {
    take_over(position, index);
  } else {
    rebase_interframe(position, index);
  }
  position.result.state = position.state;
}

// As it is, but the chunk's last frame refreshes all references, which is said in the partition
// that also holds the modes: that one is written anew.
void Rebase::take_over(Position& position, std::size_t index) {
  auto const& frame = chunk_.frames[index];
  std::vector<std::uint8_t> bytes(frame.bytes.begin(), frame.bytes.end());
  if (is_last(index) && !frame.header.key_frame) {
    auto header = frame.header;
    refresh_all(header.references);
    SkipFlags skips;
    for (int row = 0; row < frame.grid.rows(); ++row) {
      for (int column = 0; column < frame.grid.columns(); ++column) {
        skips.push_back(frame.grid.row(row)[column].skips_coefficients ? 1 : 0);
      }
    }
    auto during = position.state;
    during.apply(header);
    bytes = writers_[0].write(header, during.probabilities, frame.grid, skips,
                              frame.bytes.subspan(read_frame_header(frame.bytes).token_offset));
  }
  position.state = decoder_.decode(position.state, bytes).state;
  position.result.frames.push_back(std::move(bytes));
}

FrameDraft& Rebase::add_draft(RebasedChunk& result) {
  if (drafts_made_ == drafts_.size()) drafts_.emplace_back();
  auto& [draft, frame] = drafts_[drafts_made_++];
  frame = result.frames.size();
  result.frames.emplace_back();
  return draft;
}

void Rebase::write_drafts(RebasedChunk& result) {
  std::atomic<std::size_t> next = 0;
  auto const write_some = [&](std::size_t member) {
    for (auto i = next.fetch_add(1); i < drafts_made_; i = next.fetch_add(1)) {
      auto const& [draft, frame] = drafts_[i];
      result.frames[frame] = writers_[member].write(draft.header, draft.probabilities, *draft.grid,
                                                    draft.skips, draft.tokens);
    }
  };
  crew_.run(write_some);
  drafts_made_ = 0;
}

// Drafts of rich frames may be large: they are held as long as they do not take more memory than a
// picture or two.
bool Rebase::holds_much() const {
  constexpr std::size_t kTokensPerPixel = 1;
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < drafts_made_; ++i)
    tokens += drafts_[i].first.tokens.size();
  return tokens > kTokensPerPixel * chunk_.width * chunk_.height;
}

FrameHeader Rebase::adapted_header(PredictedFrame const& frame, DecoderState const& state) const {
  auto header = frame.header;
  // Chosen anew when the frame is written.
  header.coefficient_updates = {};
  header.skip_probability.reset();
  header.luma_mode_probabilities.reset();
  header.chroma_mode_probabilities.reset();
  header.mv_updates = {};
  adapt_filter_deltas(header.filter, state.filter_deltas, frame.filter_deltas);
  adapt_segmentation(header.segmentation, state.segmentation, frame.segmentation);
  return header;
}

void Rebase::rebase_interframe(Position& position, std::size_t index) {
  auto const& frame = chunk_.frames[index];
  auto header = adapted_header(frame, position.state);
  auto const* grid = &frame.grid;
  if (index == 0) {
    copy_last_to_others(header.references);
    if (!holds_one_picture(position.state.references)) {
      first_grid_ = predict_from_last_only(frame.grid, sign_bias_of(header));
      grid = &first_grid_;
    }
  }
  if (is_last(index)) refresh_all(header.references);
  position.state = encoder_.encode(position.state, header, *grid,
                                   goal_of(frame, options_.bit_worth), add_draft(position.result));
  if (holds_much()) write_drafts(position.result);
}

}  // namespace xc::vp8
