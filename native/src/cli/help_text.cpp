#include <algorithm>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace xc::cli {
namespace {

struct Line {
  std::string left;
  std::string right;
};

std::string usage(Command const& command) {
  std::string text = "Usage: xc " + std::string(command.name);
  for (Positional const& positional : command.arguments.positionals) {
    std::string const name(positional.name);
    text += positional.optional ? " [" + name + "]" : " " + name;
  }
  for (Option const& option : command.arguments.options) {
    if (option.required) {
      text += " --" + std::string(option.name) + " " + std::string(option.value_name);
    }
  }
  return text + " [OPTIONS]\n";
}

Line describe(Option const& option) {
  std::string left = option.letter != 0 ? std::string("-") + option.letter + ", " : "    ";
  left += "--" + std::string(option.name);
  if (!option.is_flag()) left += " " + std::string(option.value_name);
  std::string right(option.help);
  if (option.range) {
    right += " (" + std::to_string(option.range->least) + " to " +
             std::to_string(option.range->most) + ")";
  }
  if (!option.default_value.empty()) right += " [" + std::string(option.default_value) + "]";
  return {left, right};
}

std::string table(std::vector<Line> const& lines) {
  std::size_t width = 0;
  for (Line const& line : lines)
    width = std::max(width, line.left.size());
  std::string text;
  for (Line const& line : lines) {
    text += "  " + line.left + std::string(width - line.left.size() + 2, ' ') + line.right + "\n";
  }
  return text;
}

}  // namespace

std::string help_text(Command const& command) {
  std::string text = "xc " + std::string(command.name) + " - " + std::string(command.summary) +
                     "\n\n" + usage(command);
  std::vector<Line> positionals;
  for (Positional const& positional : command.arguments.positionals) {
    positionals.push_back({std::string(positional.name), std::string(positional.help)});
  }
  std::vector<Line> options;
  for (Option const& option : command.arguments.options)
    options.push_back(describe(option));
  options.push_back({"-h, --help", "print this text"});
  if (!positionals.empty()) text += "\n" + table(positionals);
  text += "\n" + table(options);
  if (!command.arguments.notes.empty()) text += "\n" + std::string(command.arguments.notes) + "\n";
  return text;
}

}  // namespace xc::cli
