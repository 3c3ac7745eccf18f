#include "cli/arguments.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "media/error.hpp"

namespace xc::cli {
namespace {

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

std::optional<std::int64_t> as_integer(std::string_view text) {
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void check_number(Option const& option, std::string const& value) {
  auto const [least, most] = *option.range;
  auto const number = as_integer(value);
  if (number && *number >= least && *number <= most) return;
  throw UsageError("--" + std::string(option.name) + " must be an integer from " +
                   std::to_string(least) + " to " + std::to_string(most) + ", not " +
                   quoted(value));
}

// How alike two names are: the length of their common beginning.
std::size_t common_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                                  a.begin());
}

}  // namespace

class ArgumentParser {
 public:
  ArgumentParser(ArgumentSpec const& spec, std::span<std::string const> words)
      : spec_(spec), words_(words) {
    for (Option const& option : spec.options) {
      if (!option.default_value.empty()) {
        result_.defaults_.emplace(option.name, option.default_value);
      }
    }
  }

  Arguments parse() {
    while (!words_.empty())
      parse_word(take());
    if (!result_.help_wanted_) check();
    return std::move(result_);
  }

 private:
  std::string const& take() {
    std::string const& word = words_.front();
    words_ = words_.subspan(1);
    return word;
  }

  void parse_word(std::string const& word) {
    if (only_positionals_ || word == "-" || !word.starts_with('-')) {
      parse_positional(word);
    } else if (word == "--") {
      only_positionals_ = true;
    } else if (word == "--help" || word == "-h") {
      result_.help_wanted_ = true;
    } else if (word.starts_with("--")) {
      parse_long(std::string_view(word).substr(2));
    } else {
      parse_short(std::string_view(word).substr(1));
    }
  }

  void parse_positional(std::string const& word) {
    if (result_.positionals_.size() == spec_.positionals.size()) {
      throw UsageError("one argument too many: " + quoted(word));
    }
    result_.positionals_.push_back(word);
  }

  void parse_long(std::string_view word) {
    auto const equals = word.find('=');
    Option const& option = find_long(word.substr(0, equals));
    if (equals == std::string_view::npos) {
      give(option, option.is_flag() ? "" : value_of(option));
    } else if (option.is_flag()) {
      throw UsageError("--" + std::string(option.name) + " takes no value");
    } else {
      give(option, std::string(word.substr(equals + 1)));
    }
  }

  void parse_short(std::string_view word) {
    Option const& option = find_short(word.front());
    if (word.size() == 1) {
      give(option, option.is_flag() ? "" : value_of(option));
    } else if (option.is_flag()) {
      throw UsageError("no option " + quoted("-" + std::string(word)) + "; see --help");
    } else {
      give(option, std::string(word.substr(1)));
    }
  }

  std::string value_of(Option const& option) {
    if (words_.empty()) throw UsageError("--" + std::string(option.name) + " needs a value");
    return take();
  }

  void give(Option const& option, std::string value) {
    if (!result_.given_.emplace(option.name, std::move(value)).second) {
      throw UsageError("--" + std::string(option.name) + " is given twice");
    }
  }

  [[nodiscard]] Option const& find_long(std::string_view name) const {
    for (Option const& option : spec_.options) {
      if (option.name == name) return option;
    }
    throw UsageError("no option " + quoted("--" + std::string(name)) + hint(name));
  }

  [[nodiscard]] Option const& find_short(char letter) const {
    for (Option const& option : spec_.options) {
      if (option.letter == letter) return option;
    }
    throw UsageError("no option " + quoted(std::string("-") + letter) + "; see --help");
  }

  [[nodiscard]] std::string hint(std::string_view name) const {
    Option const* best = nullptr;
    std::size_t best_length = 1;  // one letter in common says nothing
    for (Option const& option : spec_.options) {
      std::size_t const length = common_prefix(name, option.name);
      if (length > best_length) {
        best = &option;
        best_length = length;
      }
    }
    if (best == nullptr) return "; see --help";
    return "; did you mean --" + std::string(best->name) + "?";
  }

  void check() const {
    for (Option const& option : spec_.options) {
      if (option.range && result_.has(option.name)) {
        check_number(option, result_.text(option.name));
      }
    }
    std::size_t const given = result_.positionals_.size();
    if (given < spec_.positionals.size() && !spec_.positionals[given].optional) {
      throw UsageError(std::string(spec_.positionals[given].name) + " is missing; see --help");
    }
    for (Option const& option : spec_.options) {
      if (option.required && !result_.has(option.name)) {
        throw UsageError("--" + std::string(option.name) + " " + std::string(option.value_name) +
                         " is missing; see --help");
      }
    }
  }

  ArgumentSpec const& spec_;
  std::span<std::string const> words_;
  Arguments result_;
  bool only_positionals_ = false;
};

Arguments Arguments::parse(ArgumentSpec const& spec, std::span<std::string const> words) {
  return ArgumentParser(spec, words).parse();
}

bool Arguments::has(std::string_view option) const {
  return given_.contains(option);
}

std::optional<std::string> Arguments::find(std::string_view option) const {
  if (auto const given = given_.find(option); given != given_.end()) return given->second;
  if (auto const by_default = defaults_.find(option); by_default != defaults_.end()) {
    return by_default->second;
  }
  return std::nullopt;
}

std::string Arguments::text(std::string_view option) const {
  if (std::optional<std::string> value = find(option)) return *std::move(value);
  throw InternalError("option " + quoted(option) + " has neither a value nor a default");
}

std::int64_t Arguments::integer(std::string_view option) const {
  if (auto const number = as_integer(text(option))) return *number;
  throw InternalError("option " + quoted(option) + " is no integer");
}

std::string const& Arguments::positional(std::size_t index) const {
  return positionals_.at(index);
}

}  // namespace xc::cli
