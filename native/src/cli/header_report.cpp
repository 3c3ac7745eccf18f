#include "cli/header_report.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

namespace xc::cli {
namespace {

using vp8::FrameHeader;

// Writes the fields of one JSON object in order.
class JsonObject {
 public:
  void number(std::string_view name, std::int64_t value) { raw(name, std::to_string(value)); }
  void boolean(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }
  // Only for text that needs no escaping.
  void text(std::string_view name, std::string_view value) {
    raw(name, '"' + std::string(value) + '"');
  }
  template <typename Values>
  void numbers(std::string_view name, Values const& values) {
    std::string list;
    for (auto const value : values)
      list += (list.empty() ? "" : ", ") + std::to_string(value);
    raw(name, '[' + list + ']');
  }
  template <typename Value>
  void optional_number(std::string_view name, std::optional<Value> const& value) {
    raw(name, value ? std::to_string(*value) : "null");
  }
  void raw(std::string_view name, std::string_view value) {
    fields_ += (fields_.empty() ? "\"" : ", \"") + std::string(name) + "\": " + std::string(value);
  }

  [[nodiscard]] std::string str() const { return '{' + fields_ + '}'; }

 private:
  std::string fields_;
};

std::size_t count_updates(vp8::CoefficientUpdates const& updates) {
  std::size_t count = 0;
  for (auto const& type : updates) {
    for (auto const& band : type) {
      for (auto const& context : band) {
        count += static_cast<std::size_t>(std::count_if(
            context.begin(), context.end(), [](auto const& update) { return update.has_value(); }));
      }
    }
  }
  return count;
}

std::size_t count_updates(vp8::MvUpdates const& updates) {
  std::size_t count = 0;
  for (auto const& component : updates) {
    count += static_cast<std::size_t>(std::count_if(
        component.begin(), component.end(), [](auto const& update) { return update.has_value(); }));
  }
  return count;
}

std::vector<std::size_t> partition_sizes(vp8::FrameParts const& parts) {
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < std::size_t{1} << parts.header.log2_partitions; ++i) {
    sizes.push_back(parts.partitions[i].size());
  }
  return sizes;
}

std::string segmentation_as_json(vp8::SegmentationHeader const& header) {
  JsonObject json;
  json.boolean("enabled", header.enabled);
  json.boolean("update_map", header.update_map);
  json.boolean("update_data", header.update_data);
  json.boolean("absolute", header.absolute);
  json.numbers("quantizer", header.quantizer);
  json.numbers("filter_level", header.filter_level);
  json.numbers("tree_probabilities", header.tree_probabilities);
  return json.str();
}

std::string filter_as_json(vp8::LoopFilterHeader const& header) {
  JsonObject json;
  json.text("type", header.simple ? "simple" : "normal");
  json.number("level", header.level);
  json.number("sharpness", header.sharpness);
  json.boolean("deltas_enabled", header.deltas_enabled);
  json.boolean("update_deltas", header.update_deltas);
  return json.str();
}

std::string quantizer_as_json(vp8::QuantizerHeader const& header) {
  JsonObject json;
  json.number("y_ac", header.y_ac);
  json.number("y_dc_delta", header.y_dc_delta);
  json.number("y2_dc_delta", header.y2_dc_delta);
  json.number("y2_ac_delta", header.y2_ac_delta);
  json.number("uv_dc_delta", header.uv_dc_delta);
  json.number("uv_ac_delta", header.uv_ac_delta);
  return json.str();
}

std::string_view golden_source(vp8::ReferenceUpdates const& updates) {
  if (updates.refresh_golden) return "new";
  if (updates.copy_to_golden == vp8::GoldenCopy::kLast) return "last";
  return updates.copy_to_golden == vp8::GoldenCopy::kAltref ? "altref" : "kept";
}

std::string_view altref_source(vp8::ReferenceUpdates const& updates) {
  if (updates.refresh_altref) return "new";
  if (updates.copy_to_altref == vp8::AltrefCopy::kLast) return "last";
  return updates.copy_to_altref == vp8::AltrefCopy::kGolden ? "golden" : "kept";
}

std::string references_as_json(vp8::ReferenceUpdates const& updates) {
  JsonObject json;
  json.text("last", updates.refresh_last ? "new" : "kept");
  json.text("golden", golden_source(updates));
  json.text("altref", altref_source(updates));
  json.boolean("golden_sign_bias", updates.golden_sign_bias);
  json.boolean("altref_sign_bias", updates.altref_sign_bias);
  return json.str();
}

void add_key_frame_fields(JsonObject& json, FrameHeader const& header) {
  json.number("width", header.width);
  json.number("height", header.height);
  json.number("horizontal_scale", header.horizontal_scale);
  json.number("vertical_scale", header.vertical_scale);
  json.number("color_space", header.color_space ? 1 : 0);
  json.number("clamping_type", header.clamping_unnecessary ? 1 : 0);
}

void add_interframe_fields(JsonObject& json, FrameHeader const& header) {
  json.number("intra_probability", header.intra_probability);
  json.number("last_probability", header.last_probability);
  json.number("golden_probability", header.golden_probability);
  json.boolean("updates_luma_modes", header.luma_mode_probabilities.has_value());
  json.boolean("updates_chroma_modes", header.chroma_mode_probabilities.has_value());
  json.number("mv_updates", static_cast<std::int64_t>(count_updates(header.mv_updates)));
}

}  // namespace

std::string header_as_text(std::size_t number, std::size_t bytes, vp8::FrameParts const& parts) {
  auto const& header = parts.header;
  auto text = "frame " + std::to_string(number) + ": " + std::to_string(bytes) + " bytes, ";
  text += header.key_frame
              ? "key frame " + std::to_string(header.width) + "x" + std::to_string(header.height)
              : std::string("interframe");
  if (!header.shown) text += ", hidden";
  text += ", quantizer " + std::to_string(header.quantizer.y_ac) + ", filter " +
          std::to_string(header.filter.level) + "/" + std::to_string(header.filter.sharpness) +
          (header.filter.simple ? " simple" : "");
  auto const& updates = header.references;
  text += ", last " + std::string(updates.refresh_last ? "new" : "kept") + ", golden " +
          std::string(golden_source(updates)) + ", altref " + std::string(altref_source(updates));
  if (header.segmentation.enabled) text += ", segmented";
  if (!header.refresh_entropy) text += ", probabilities for itself";
  if (header.log2_partitions > 0) {
    text += ", " + std::to_string(1 << header.log2_partitions) + " partitions";
  }
  return text;
}

std::string header_as_json(std::size_t number, std::size_t bytes, vp8::FrameParts const& parts) {
  auto const& header = parts.header;
  JsonObject json;
  json.number("frame", static_cast<std::int64_t>(number));
  json.number("bytes", static_cast<std::int64_t>(bytes));
  json.boolean("key_frame", header.key_frame);
  json.boolean("shown", header.shown);
  json.number("version", header.version);
  if (header.key_frame) add_key_frame_fields(json, header);
  json.raw("segmentation", segmentation_as_json(header.segmentation));
  json.raw("filter", filter_as_json(header.filter));
  json.raw("quantizer", quantizer_as_json(header.quantizer));
  json.raw("references", references_as_json(header.references));
  json.boolean("refresh_entropy", header.refresh_entropy);
  json.number("coefficient_updates",
              static_cast<std::int64_t>(count_updates(header.coefficient_updates)));
  json.optional_number("skip_probability", header.skip_probability);
  if (!header.key_frame) add_interframe_fields(json, header);
  json.numbers("partitions", partition_sizes(parts));
  return json.str();
}

std::string empty_frame_as_text(std::size_t number) {
  return "frame " + std::to_string(number) + ": 0 bytes, shows the picture before it again";
}

std::string empty_frame_as_json(std::size_t number) {
  JsonObject json;
  json.number("frame", static_cast<std::int64_t>(number));
  json.number("bytes", 0);
  return json.str();
}

}  // namespace xc::cli
