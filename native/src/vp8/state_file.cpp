// The body of a state, in order: width, height (two bytes each); scales, colour space, clamping
// type; probabilities (coefficients, motion vectors, luma and chroma modes); segmentation
// (absolute, quantisers, filter levels, is there a map, the map); filter deltas (references,
// modes); the number of pictures; which of them last, golden and altref are; the pictures' planes
// in whole macroblocks.
#include "vp8/state_file.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "media/bytes.hpp"
#include "media/error.hpp"
#include "media/input.hpp"
#include "vp8/fingerprint.hpp"
#include "vp8/state_body.hpp"

namespace xc::vp8 {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic{'X', 'C', 'S', 'T', 'A', 'T', 'E', 0x1a};
constexpr std::size_t kVersionOffset = 8;
constexpr std::size_t kEncodingOffset = 10;
constexpr std::size_t kSizeOffset = 16;
constexpr std::size_t kFingerprintOffset = 24;
constexpr std::size_t kBodyOffset = 32;

std::size_t picture_bytes(int width, int height) {
  return std::size_t{384} * static_cast<std::size_t>(in_macroblocks(width)) *
         static_cast<std::size_t>(in_macroblocks(height));
}

std::uint64_t fingerprint_of(std::span<std::uint8_t const> bytes) {
  return fingerprint(bytes.subspan(kBodyOffset), fingerprint(bytes.first(kFingerprintOffset)));
}

// The distinct pictures, and for each reference which of them it is.
struct Pictures {
  std::vector<FrameBuffer const*> distinct;
  std::array<std::uint8_t, 3> index{};

  explicit Pictures(References const& references) {
    std::array const all{references.last.get(), references.golden.get(), references.altref.get()};
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto const same = std::find_if(distinct.begin(), distinct.end(), [&](auto const* other) {
        return other == all[i] || *other == *all[i];
      });
      index[i] = static_cast<std::uint8_t>(same - distinct.begin());
      if (same == distinct.end()) distinct.push_back(all[i]);
    }
  }
};

void write_segmentation(BodyWriter& writer, Segmentation const& segmentation) {
  writer.number(static_cast<std::uint8_t>(segmentation.absolute));
  writer.array(segmentation.quantizer);
  writer.array(segmentation.filter_level);
  // No map and a map of zeros are the same.
  auto const* map = segmentation.map.get();
  bool const has_map = map != nullptr && std::any_of(map->begin(), map->end(),
                                                     [](auto segment) { return segment != 0; });
  writer.number(static_cast<std::uint8_t>(has_map));
  if (has_map) writer.raw(map->data(), map->size());
}

void read_segmentation(BodyReader& reader, Segmentation& segmentation, std::size_t macroblocks) {
  segmentation.absolute = reader.flag();
  reader.array(segmentation.quantizer);
  reader.array(segmentation.filter_level);
  if (!reader.flag()) return;
  auto const map = reader.take(macroblocks);
  auto const highest = *std::max_element(map.begin(), map.end());
  if (highest == 0 || highest > 3) {
    throw BadInput("the decoder state's segment map is out of range");
  }
  segmentation.map = std::make_shared<SegmentMap>(map.begin(), map.end());
}

void read_size(BodyReader& reader, DecoderState& state) {
  state.width = reader.number<std::uint16_t>();
  state.height = reader.number<std::uint16_t>();
  bool const possible = state.width > 0 && state.width < 1 << 14 && state.height > 0 &&
                        state.height < 1 << 14 &&
                        std::size_t{state.width} * state.height <= kMaxSamples;
  if (!possible) throw BadInput("the decoder state's picture size is out of range");
  state.horizontal_scale = reader.small(4);
  state.vertical_scale = reader.small(4);
  state.color_space = reader.flag();
  state.clamping_unnecessary = reader.flag();
}

void read_references(BodyReader& reader, DecoderState& state, FramePool& pool) {
  unsigned const count = reader.small(4);
  std::array<std::size_t, 3> index{};
  for (auto& i : index)
    i = reader.small(count);
  std::vector<std::shared_ptr<FrameBuffer const>> pictures;
  for (unsigned i = 0; i < count; ++i) {
    auto picture = pool.acquire(state.width, state.height);
    reader.picture(*picture);
    if (std::any_of(pictures.begin(), pictures.end(),
                    [&](auto const& other) { return *other == *picture; })) {
      throw BadInput("the decoder state holds a picture twice");
    }
    pictures.push_back(std::move(picture));
  }
  state.references = {pictures[index[0]], pictures[index[1]], pictures[index[2]]};
}

void check_envelope(std::span<std::uint8_t const> bytes) {
  if (bytes.size() < kBodyOffset) {
    throw BadInput("a decoder state of " + std::to_string(bytes.size()) + " bytes is cut off");
  }
  if (!std::equal(kMagic.begin(), kMagic.end(), bytes.begin())) {
    throw BadInput("this is not a decoder state");
  }
  auto const version = load_little_endian<std::uint16_t>(bytes.data() + kVersionOffset);
  if (version != kStateVersion) {
    throw BadInput("the decoder state is of version " + std::to_string(version) +
                   "; this xc knows version " + std::to_string(kStateVersion));
  }
  auto const size = load_little_endian<std::uint64_t>(bytes.data() + kSizeOffset);
  if (size != bytes.size()) {
    throw BadInput("the decoder state should have " + std::to_string(size) + " bytes but has " +
                   std::to_string(bytes.size()));
  }
  if (load_little_endian<std::uint64_t>(bytes.data() + kFingerprintOffset) !=
      fingerprint_of(bytes)) {
    throw BadInput("the decoder state is damaged: its fingerprint does not match");
  }
  auto const encoding = bytes.subspan(kEncodingOffset, kSizeOffset - kEncodingOffset);
  if (std::any_of(encoding.begin(), encoding.end(), [](auto byte) { return byte != 0; })) {
    throw BadInput("the decoder state's pictures are encoded in a way that this xc does not know");
  }
}

}  // namespace

std::vector<std::uint8_t> serialise(DecoderState const& state, std::vector<std::uint8_t> used) {
  Pictures const pictures(state.references);
  auto bytes = std::move(used);
  bytes.clear();  // or more room would be filled with what was in it
  bytes.reserve(pictures.distinct.size() * picture_bytes(state.width, state.height) + 2048 +
                (state.segmentation.map ? state.segmentation.map->size() : 0));
  bytes.assign(kBodyOffset, 0);
  BodyWriter writer(bytes);
  writer.number(state.width);
  writer.number(state.height);
  for (auto value :
       {state.horizontal_scale, state.vertical_scale, static_cast<std::uint8_t>(state.color_space),
        static_cast<std::uint8_t>(state.clamping_unnecessary)}) {
    writer.number(value);
  }
  writer.array(state.probabilities);
  write_segmentation(writer, state.segmentation);
  writer.array(state.filter_deltas);
  writer.number(static_cast<std::uint8_t>(pictures.distinct.size()));
  writer.array(pictures.index);
  for (auto const* picture : pictures.distinct)
    writer.picture(*picture);

  std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
  store_little_endian<std::uint16_t>(bytes.data() + kVersionOffset, kStateVersion);
  store_little_endian<std::uint64_t>(bytes.data() + kSizeOffset, bytes.size());
  store_little_endian<std::uint64_t>(bytes.data() + kFingerprintOffset, fingerprint_of(bytes));
  return bytes;
}

DecoderState deserialise(std::span<std::uint8_t const> bytes) {
  FramePool pool;
  return deserialise(bytes, pool);
}

DecoderState deserialise(std::span<std::uint8_t const> bytes, FramePool& pool) {
  check_envelope(bytes);
  BodyReader reader(bytes.subspan(kBodyOffset));
  DecoderState state;
  read_size(reader, state);
  reader.array(state.probabilities);
  read_segmentation(reader, state.segmentation,
                    static_cast<std::size_t>(state.macroblock_rows()) *
                        static_cast<std::size_t>(state.macroblock_columns()));
  reader.array(state.filter_deltas);
  read_references(reader, state, pool);
  reader.expect_end();
  return state;
}

std::vector<std::uint8_t> read_state(std::string const& path) {
  auto const input = open_input(path);
  if (input->can_rewind()) return read_file(path, kMaxStateSize);
  std::array<std::uint8_t, kBodyOffset> envelope{};
  auto const known = std::span(envelope).first(input->read(envelope));
  std::uint64_t size = known.size();
  if (known.size() == kBodyOffset && std::equal(kMagic.begin(), kMagic.end(), known.begin())) {
    size = load_little_endian<std::uint64_t>(known.data() + kSizeOffset);
  }
  input->unread(known);
  std::vector<std::uint8_t> bytes;
  input->read(bytes, static_cast<std::size_t>(std::min<std::uint64_t>(size, kMaxStateSize)));
  return bytes;
}

std::uint64_t hash(DecoderState const& state) {
  return state.has_pictures() ? fingerprint(serialise(state)) : 0;
}

}  // namespace xc::vp8
