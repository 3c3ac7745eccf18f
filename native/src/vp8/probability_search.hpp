// Chooses the probabilities of a frame that is to be written: those that, with what it costs to say
// so, make the frame smallest on top of the probabilities that the decoder has already.
#pragma once

#include "vp8/frame_header.hpp"
#include "vp8/mode_writer.hpp"
#include "vp8/probability_tables.hpp"
#include "vp8/token_list.hpp"

namespace xc::vp8 {

// Fills in the header's coefficient_updates.
void choose_coefficient_updates(FrameHeader& header, CoefficientProbabilities const& before,
                                CoefficientCounts const& counts);

// Fills in the probabilities of reference frames, modes and motion vectors, and of the segment
// tree.
void choose_mode_updates(FrameHeader& header, ProbabilityTables const& before,
                         ModeCounts const& counts);

// Fills in skip_probability: none if nothing skips.
void choose_skip_probability(FrameHeader& header, SkipFlags const& skips);

}  // namespace xc::vp8
