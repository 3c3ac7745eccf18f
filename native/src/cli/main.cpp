// The entry point: finds the sub-command, runs it, and turns errors into one line and an exit code.
#include <array>
#include <csignal>
#include <exception>
#include <iostream>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/file_check.hpp"
#include "media/error.hpp"
#include "media/output.hpp"
#include "media/vpx_encoder.hpp"
#include "sources.hpp"

namespace xc::cli {
namespace {

std::vector<Command> all_commands() {
  return {encode_command(), decode_command(),  state_command(),
          rebase_command(), inspect_command(), compare_command()};
}

void print(std::string_view text) {
  Output output("-");
  output.write(text);
  output.commit();
}

// Names all that decides what is encoded: chunks of one video must not come from two of these.
std::string version() {
  return "xc " XC_VERSION ", sources " XC_SOURCES ", libvpx " + std::string(libvpx_version()) +
         "\n";
}

std::string overview(std::span<Command const> commands) {
  std::string text =
      "xc " XC_VERSION
      " - VP8 that can hand its decoder state on\n\nUsage: xc COMMAND [ARGUMENTS]\n\n";
  for (Command const& command : commands) {
    std::string name(command.name);
    name.resize(10, ' ');
    text += "  " + name + std::string(command.summary) + "\n";
  }
  return text +
         "\n`xc COMMAND --help` says what a command takes.\n"
         "Exit codes: 0 ok; 2 usage; 3 bad input: not there, or not what it should be; 4 reading\n"
         "or writing failed, and may not when tried again; 5 internal error.\n";
}

ExitCode run_command(Command const& command, std::span<std::string const> words) {
  Arguments const arguments = Arguments::parse(command.arguments, words);
  if (arguments.help_wanted()) {
    print(help_text(command));
    return ExitCode::kOk;
  }
  check_files(command.arguments, arguments);
  return command.run(arguments);
}

ExitCode dispatch(std::span<std::string const> words) {
  std::vector<Command> const commands = all_commands();
  if (words.empty()) throw UsageError("no command given; see `xc --help`");
  std::string const& name = words.front();
  if (name == "--help" || name == "-h" || name == "help") {
    print(overview(commands));
    return ExitCode::kOk;
  }
  if (name == "--version") {
    print(version());
    return ExitCode::kOk;
  }
  for (Command const& command : commands) {
    if (command.name == name) return run_command(command, words.subspan(1));
  }
  throw UsageError("no command '" + name + "'; see `xc --help`");
}

ExitCode report(std::string_view who, std::string_view what, ExitCode code) {
  std::cerr << who << ": " << what << std::endl;
  return code;
}

ExitCode run_reporting_errors(std::span<std::string const> words) {
  std::string who = "xc";
  if (!words.empty() && !words.front().starts_with('-')) who += " " + words.front();
  try {
    return dispatch(words);
  } catch (UsageError const& error) {
    return report(who, error.what(), ExitCode::kUsage);
  } catch (BadInput const& error) {
    return report(who, error.what(), ExitCode::kBadInput);
  } catch (IoError const& error) {
    return report(who, error.what(), ExitCode::kIo);
  } catch (std::bad_alloc const&) {
    return report(who, "out of memory", ExitCode::kInternal);
  } catch (std::exception const& error) {
    return report(who, std::string("internal error: ") + error.what(), ExitCode::kInternal);
  }
}

}  // namespace
}  // namespace xc::cli

int main(int argc, char** argv) {
  // A reader that goes away must give an error with a message and an exit code, not a silent death.
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<std::string> const words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return static_cast<int>(xc::cli::run_reporting_errors(words));
}
