// A small declarative parser of command lines. A sub-command describes its positional arguments and
// options; parsing, checking and the text of --help follow from the description.
//
// Understood: --name value, --name=value, --flag, -o value, -ovalue, "-" as a positional, and "--"
// after which everything is positional. Anything unknown is a UsageError with a hint.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xc::cli {

// What is done with the file that an option names, if it names one.
enum class File { kNone, kRead, kWritten };

struct Range {
  std::int64_t least;
  std::int64_t most;
};

// A file that is read.
struct Positional {
  std::string_view name;  // as shown: "IN.ivf"
  std::string_view help;
  bool optional = false;
};

struct Option {
  std::string_view name;        // without dashes: "cq-level"
  char letter = 0;              // 'o' for -o; 0 for none
  std::string_view value_name;  // as shown: "Q"; empty makes it a flag
  std::string_view help;
  std::string_view default_value = {};  // used, and shown, when the option is not given
  bool required = false;
  File file = File::kNone;
  std::optional<Range> range = {};  // of an integer; shown and checked

  [[nodiscard]] bool is_flag() const { return value_name.empty(); }
};

// An option that takes a file.
constexpr Option file(std::string_view name, char letter, std::string_view value_name, File use,
                      std::string_view help, bool required = false) {
  return {name, letter, value_name, help, {}, required, use};
}

// An option that takes an integer.
constexpr Option number(std::string_view name, char letter, std::string_view value_name,
                        Range range, std::string_view help, std::string_view default_value = {}) {
  return {name, letter, value_name, help, default_value, false, File::kNone, range};
}

struct ArgumentSpec {
  std::vector<Positional> positionals;
  std::vector<Option> options;
  std::string_view notes = {};  // shown at the end of --help
};

class Arguments {
 public:
  // Throws UsageError. `words` are what follows the sub-command's name.
  static Arguments parse(ArgumentSpec const& spec, std::span<std::string const> words);

  [[nodiscard]] bool help_wanted() const { return help_wanted_; }

  // Was the option (or flag) given on the command line?
  [[nodiscard]] bool has(std::string_view option) const;
  // The value given, or else the default; nothing if there is neither.
  [[nodiscard]] std::optional<std::string> find(std::string_view option) const;
  // The same for options that are required or have a default.
  [[nodiscard]] std::string text(std::string_view option) const;
  // The same as a number, of an option that has a range.
  [[nodiscard]] std::int64_t integer(std::string_view option) const;

  // The positional argument at `index`, in the order of the description.
  [[nodiscard]] std::string const& positional(std::size_t index) const;
  [[nodiscard]] std::size_t positional_count() const { return positionals_.size(); }

 private:
  friend class ArgumentParser;

  std::map<std::string, std::string, std::less<>> given_;
  std::map<std::string, std::string, std::less<>> defaults_;
  std::vector<std::string> positionals_;
  bool help_wanted_ = false;
};

}  // namespace xc::cli
