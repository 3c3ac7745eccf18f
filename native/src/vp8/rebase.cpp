#include "vp8/rebase.hpp"

#include <algorithm>
#include <atomic>
#include <span>
#include <string>
#include <utility>

#include "media/error.hpp"
#include "vp8/frame_decoder.hpp"
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
      writers_(crew_.size()) {
  auto const& frames = chunk_.frames;
  auto const first = std::find_if(frames.begin(), frames.end(),
                                  [](auto const& frame) { return frame.header.key_frame; });
  settled_from_ = static_cast<std::size_t>(first - frames.begin());
  settle(kernels);
  if (settled_from_ > 0) prepare();
}

// The system provides memory when it is first written to, which takes as long as filling it.
void Rebase::prepare() {
  encoder_.prepare(pictures_needed(), chunk_.width, chunk_.height);
  drafts_.resize(std::max(drafts_.size(), settled_from_));
  for (auto& [draft, frame] : drafts_)
    draft.prepare(chunk_.width, chunk_.height);
}

// The frame that is made and the one before it, which it is predicted from; and another one that a
// frame in between has put elsewhere.
std::size_t Rebase::pictures_needed() const {
  auto const frames =
      std::span(chunk_.frames).first(std::min(settled_from_, chunk_.frames.size() - 1));
  bool const others = std::any_of(frames.begin(), frames.end(), [](auto const& frame) {
    auto const& updates = frame.header.references;
    return updates.refresh_golden || updates.refresh_altref || !updates.refresh_last;
  });
  return others ? 3 : 2;
}

void Rebase::settle(Kernels const& kernels) {
  FrameDecoder decoder(kernels);
  for (std::size_t i = settled_from_; i < chunk_.frames.size(); ++i) {
    auto& frame = chunk_.frames[i];
    auto& bytes = settled_.frames.emplace_back();
    if (frame.repeats) continue;
    if (frame.header.key_frame) ++settled_.key_frames;
    bytes = take_over(frame, settled_.state, is_last(i));
    settled_.state = decoder.decode(settled_.state, bytes).state;
  }
}

// As it is, but the chunk's last frame refreshes all references, which is said in the partition
// that also holds the modes: that one is written anew.
std::vector<std::uint8_t> Rebase::take_over(PredictedFrame& frame, DecoderState const& state,
                                            bool last) {
  auto bytes = std::move(frame.bytes);
  if (!last || frame.header.key_frame) return bytes;
  auto header = frame.header;
  refresh_all(header.references);
  SkipFlags skips;
  for (int row = 0; row < frame.grid.rows(); ++row) {
    for (int column = 0; column < frame.grid.columns(); ++column) {
      skips.push_back(frame.grid.row(row)[column].skips_coefficients ? 1 : 0);
    }
  }
  auto during = state;
  during.apply(header);
  auto const tokens = std::span(std::as_const(bytes));
  return writers_[0].write(header, during.probabilities, frame.grid, skips,
                           tokens.subspan(read_frame_header(tokens).token_offset));
}

RebasedChunk Rebase::run(DecoderState const& state, Listener const& tell_state) {
  auto const tell = [&](DecoderState const& after) {
    if (tell_state) tell_state(after);
  };
  if (settled_from_ == 0) {
    tell(settled_.state);
    return settled_;
  }
  if (state.width != chunk_.width || state.height != chunk_.height) {
    throw BadInput("the state's pictures are " + std::to_string(state.width) + "x" +
                   std::to_string(state.height) + ", the prediction's " +
                   std::to_string(chunk_.width) + "x" + std::to_string(chunk_.height));
  }
  drafts_made_ = 0;
  RebasedChunk result;
  result.state = state;
  for (std::size_t i = 0; i < settled_from_; ++i)
    advance(result, i);
  bool const all_depend = settled_from_ == chunk_.frames.size();
  if (!all_depend) result.state = settled_.state;
  tell(result.state);
  write_drafts(result);
  result.frames.insert(result.frames.end(), settled_.frames.begin(), settled_.frames.end());
  result.key_frames += settled_.key_frames;
  return result;
}

void Rebase::advance(RebasedChunk& result, std::size_t index) {
  if (chunk_.frames[index].repeats) {
    result.frames.emplace_back();
  } else {
    rebase_interframe(result, index);
  }
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
      auto& [draft, frame] = drafts_[i];
      result.frames[frame] = writers_[member].write(draft.header, draft.probabilities, *draft.grid,
                                                    draft.skips, draft.tokens);
      draft.tokens.clear(draft.grid->rows());
    }
  };
  crew_.run(write_some);
  drafts_made_ = 0;
}

// Drafts of rich frames may be large: they are held as long as they do not take more memory than a
// picture or two.
bool Rebase::holds_much() const {
  constexpr std::size_t kWordsPerPixel = 1;
  std::size_t words = 0;
  for (std::size_t i = 0; i < drafts_made_; ++i)
    words += drafts_[i].first.tokens.words();
  return words > kWordsPerPixel * chunk_.width * chunk_.height;
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

void Rebase::rebase_interframe(RebasedChunk& result, std::size_t index) {
  auto const& frame = chunk_.frames[index];
  auto header = adapted_header(frame, result.state);
  auto const* grid = &frame.grid;
  if (index == 0) {
    copy_last_to_others(header.references);
    if (!holds_one_picture(result.state.references)) {
      first_grid_ = predict_from_last_only(frame.grid, sign_bias_of(header));
      grid = &first_grid_;
    }
  }
  if (is_last(index)) refresh_all(header.references);
  result.state = encoder_.encode(result.state, header, *grid, goal_of(frame, options_.bit_worth),
                                 add_draft(result));
  if (holds_much()) write_drafts(result);
}

}  // namespace xc::vp8
