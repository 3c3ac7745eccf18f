// A sub-command of xc: what it is called, what it takes, and what runs it. Each has a file of its
// own that defines its factory; main.cpp lists them.
#pragma once

#include <string>
#include <string_view>

#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"

namespace xc::cli {

struct Command {
  std::string_view name;
  std::string_view summary;  // one line
  ArgumentSpec arguments;
  // Throws an Error (media/error.hpp) on failure; main turns it into one line and an exit code.
  ExitCode (*run)(Arguments const&);
};

Command encode_command();
Command decode_command();
Command state_command();
Command rebase_command();
Command inspect_command();
Command compare_command();

// The text of `xc NAME --help`.
std::string help_text(Command const& command);

}  // namespace xc::cli
