#include "vp8/mode_writer.hpp"

#include <cstdlib>
#include <tuple>
#include <type_traits>

#include "media/error.hpp"
#include "vp8/mode_reader.hpp"

namespace xc::vp8 {
namespace {

constexpr int kLargestMvDifference = (1 << MvLayout::kLongBits) - 1;

// Both sinks take bits by the name of the tree node that they belong to. The one that writes looks
// up the node's probability; the one that counts, its counter.
struct Writer {
  static constexpr bool kTakesFixed = true;

  BoolEncoder& encoder;
  FrameHeader const& header;
  ProbabilityTables const& tables;

  void fixed(bool bit, Probability probability) { encoder.write(bit, probability); }
  void inter(bool bit) { encoder.write(bit, header.intra_probability); }
  void not_last(bool bit) { encoder.write(bit, header.last_probability); }
  void altref(bool bit) { encoder.write(bit, header.golden_probability); }
  void segment(std::size_t node, bool bit) {
    encoder.write(bit, header.segmentation.tree_probabilities[node]);
  }
  void luma_mode(std::size_t node, bool bit) { encoder.write(bit, tables.luma_mode[node]); }
  void chroma_mode(std::size_t node, bool bit) { encoder.write(bit, tables.chroma_mode[node]); }
  void mv(std::size_t component, std::size_t node, bool bit) {
    encoder.write(bit, tables.mv[component][node]);
  }
};

struct Counter {
  static constexpr bool kTakesFixed = false;

  ModeCounts& counts;

  void fixed(bool, Probability) {}
  void inter(bool bit) { counts.inter.add(bit); }
  void not_last(bool bit) { counts.not_last.add(bit); }
  void altref(bool bit) { counts.altref.add(bit); }
  void segment(std::size_t node, bool bit) { counts.segment[node].add(bit); }
  void luma_mode(std::size_t node, bool bit) { counts.luma_mode[node].add(bit); }
  void chroma_mode(std::size_t node, bool bit) { counts.chroma_mode[node].add(bit); }
  void mv(std::size_t component, std::size_t node, bool bit) {
    counts.mv[component][node].add(bit);
  }
};

// The way from the root to each leaf of a tree: bits and how many, worked out at compile time.
template <std::size_t size>
struct Paths {
  static constexpr std::size_t kMaxDepth = 10;
  struct Path {
    std::array<std::uint8_t, kMaxDepth> nodes{};
    std::uint32_t bits = 0;  // the first one lowest
    std::size_t length = 0;
  };

  std::array<Path, 16> by_value{};

  explicit constexpr Paths(std::array<std::int8_t, size> const& tree) { follow(tree, 0, {}); }

 private:
  constexpr void follow(std::array<std::int8_t, size> const& tree, std::size_t index, Path path) {
    path.nodes[path.length++] = static_cast<std::uint8_t>(index / 2);
    for (std::size_t bit = 0; bit < 2; ++bit) {
      auto const entry = tree[index + bit];
      auto longer = path;
      longer.bits |= static_cast<std::uint32_t>(bit) << (path.length - 1);
      if (entry > 0) {
        follow(tree, static_cast<std::size_t>(entry), longer);
      } else {
        by_value[static_cast<std::size_t>(-entry)] = longer;
      }
    }
  }
};

template <auto const& tree>
constexpr Paths<std::tuple_size_v<std::remove_cvref_t<decltype(tree)>>> kPaths{tree};

// Calls visit(node, bit) from the root of a tree to a leaf.
template <auto const& tree, typename Value, typename Visit>
void walk(Value value, Visit visit) {
  auto const& path = kPaths<tree>.by_value[static_cast<std::size_t>(value)];
  for (std::size_t i = 0; i < path.length; ++i) {
    visit(std::size_t{path.nodes[i]}, (path.bits >> i & 1) != 0);
  }
}

template <typename Sink>
class ModeCoder {
 public:
  ModeCoder(Sink& sink, FrameHeader const& header, MacroblockGrid const& grid)
      : sink_(sink), header_(header), grid_(grid), sign_bias_(sign_bias_of(header)) {}

  // `skips`: null if nobody wants to know.
  void code_row(int row, SkipFlags const* skips) {
    auto i = static_cast<std::size_t>(row * grid_.columns());
    for (int column = 0; column < grid_.columns(); ++column, ++i) {
      auto const& mb = grid_.row(row)[column];
      code_segment(mb);
      if (header_.skip_probability && skips != nullptr) {
        sink_.fixed((*skips)[i] != 0, *header_.skip_probability);
      }
      code_macroblock(mb, row, column);
    }
  }

 private:
  void code_segment(MacroblockHeader const& mb) {
    if (!header_.segmentation.update_map) return;
    walk<trees::kSegment>(mb.segment,
                          [&](std::size_t node, bool bit) { sink_.segment(node, bit); });
  }

  void code_macroblock(MacroblockHeader const& mb, int row, int column) {
    if (header_.key_frame) {
      code_key_frame_modes(mb);
      return;
    }
    sink_.inter(mb.is_inter());
    if (mb.is_inter()) {
      code_inter(mb, row, column);
    } else {
      code_intra(mb);
    }
  }

  template <auto const& tree, typename Value>
  void code_fixed(Probability const* probabilities, Value value) {
    walk<tree>(value, [&](std::size_t node, bool bit) { sink_.fixed(bit, probabilities[node]); });
  }

  void code_key_frame_modes(MacroblockHeader const& mb) {
    code_fixed<trees::kKeyFrameLumaMode>(kKeyFrameLumaModeProbabilities.data(), mb.mode);
    if (mb.mode == MacroblockMode::kSubblocks) {
      for (std::size_t block = 0; block < 16; ++block) {
        auto const context = SubblockModeContext::of(&mb, grid_.stride(), block);
        code_fixed<trees::kSubblockMode>(context.probabilities(), mb.subblock_modes[block]);
      }
    }
    code_fixed<trees::kChromaMode>(kKeyFrameChromaModeProbabilities.data(), mb.chroma_mode);
  }

  void code_intra(MacroblockHeader const& mb) {
    walk<trees::kLumaMode>(mb.mode,
                           [&](std::size_t node, bool bit) { sink_.luma_mode(node, bit); });
    if (mb.mode == MacroblockMode::kSubblocks) {
      for (auto const mode : mb.subblock_modes) {
        code_fixed<trees::kSubblockMode>(kSubblockModeProbabilities.data(), mode);
      }
    }
    walk<trees::kChromaMode>(mb.chroma_mode,
                             [&](std::size_t node, bool bit) { sink_.chroma_mode(node, bit); });
  }

  void code_inter(MacroblockHeader const& mb, int row, int column) {
    sink_.not_last(mb.reference != ReferenceFrame::kLast);
    if (mb.reference != ReferenceFrame::kLast) {
      sink_.altref(mb.reference == ReferenceFrame::kAltref);
    }
    // Other modes are told by fixed bits alone, which need the neighbours.
    bool const has_vector = mb.mode == MacroblockMode::kNew || mb.mode == MacroblockMode::kSplit;
    if (!Sink::kTakesFixed && !has_vector) return;
    auto const bounds = MvBounds::of_macroblock(row, column, grid_.rows(), grid_.columns());
    auto const context = MvContext::of(&mb, grid_.stride(), sign_bias_, bounds);
    code_fixed<trees::kMvMode>(context.mode_probabilities.data(), mb.mode);
    if (mb.mode == MacroblockMode::kNew) code_mv(mb.mv, context.best);
    if (mb.mode == MacroblockMode::kSplit) code_split(mb, context.best);
  }

  void code_split(MacroblockHeader const& mb, MotionVector best) {
    code_fixed<trees::kSplitPartition>(kSplitPartitionProbabilities.data(), mb.partition);
    auto const& parts = kSplitPartitions[static_cast<std::size_t>(mb.partition)];
    unsigned next_part = 0;
    for (std::size_t block = 0; block < 16; ++block) {
      if (parts[block] != next_part) continue;
      ++next_part;
      auto const neighbours = SubMvNeighbours::of(&mb, grid_.stride(), block);
      auto const mv = mb.subblock_mvs[block];
      auto const how = mv == neighbours.left    ? SubMvReference::kLeft
                       : mv == neighbours.above ? SubMvReference::kAbove
                       : mv.is_zero()           ? SubMvReference::kZero
                                                : SubMvReference::kNew;
      code_fixed<trees::kSubMvReference>(neighbours.probabilities().data(), how);
      if (how == SubMvReference::kNew) code_mv(mv, best);
    }
  }

  void code_mv(MotionVector mv, MotionVector best) {
    auto const difference = mv + -best;
    code_mv_component(0, difference.row);
    code_mv_component(1, difference.column);
  }

  void code_mv_component(std::size_t component, int value) {
    int const magnitude = std::abs(value);
    if (magnitude > kLargestMvDifference) {
      throw InternalError("a motion vector cannot be expressed");
    }
    sink_.mv(component, MvLayout::kIsLong, magnitude > 7);
    if (magnitude > 7) {
      auto const bit = [&](int i) {
        sink_.mv(component, MvLayout::kLong + static_cast<std::size_t>(i),
                 (magnitude >> i & 1) != 0);
      };
      for (int i = 0; i < 3; ++i)
        bit(i);
      for (int i = MvLayout::kLongBits - 1; i > 3; --i)
        bit(i);
      if (magnitude > 15) bit(3);
    } else {
      walk<trees::kShortMv>(magnitude, [&](std::size_t node, bool bit) {
        sink_.mv(component, MvLayout::kShort + node, bit);
      });
    }
    if (magnitude != 0) sink_.mv(component, MvLayout::kSign, value < 0);
  }

  Sink& sink_;
  FrameHeader const& header_;
  MacroblockGrid const& grid_;
  SignBias sign_bias_;
};

}  // namespace

void ModeCounts::add(ModeCounts const& other) {
  auto const add_each = [](auto& sums, auto const& more) {
    for (std::size_t i = 0; i < sums.size(); ++i)
      sums[i] += more[i];
  };
  inter += other.inter;
  not_last += other.not_last;
  altref += other.altref;
  add_each(segment, other.segment);
  add_each(luma_mode, other.luma_mode);
  add_each(chroma_mode, other.chroma_mode);
  for (std::size_t component = 0; component < mv.size(); ++component)
    add_each(mv[component], other.mv[component]);
}

void count_modes(FrameHeader const& header, MacroblockGrid const& grid, int row,
                 ModeCounts& counts) {
  Counter counter{counts};
  ModeCoder(counter, header, grid).code_row(row, nullptr);
}

void write_modes(BoolEncoder& encoder, FrameHeader const& header,
                 ProbabilityTables const& probabilities, MacroblockGrid const& grid,
                 SkipFlags const& skips) {
  Writer writer{encoder, header, probabilities};
  ModeCoder coder(writer, header, grid);
  for (int row = 0; row < grid.rows(); ++row)
    coder.code_row(row, &skips);
}

bool is_expressible(MotionVector mv, MotionVector best) {
  return std::abs(mv.row - best.row) <= kLargestMvDifference &&
         std::abs(mv.column - best.column) <= kLargestMvDifference;
}

}  // namespace xc::vp8
