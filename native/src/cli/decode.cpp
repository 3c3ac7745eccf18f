#include "cli/command.hpp"
#include "media/error.hpp"

namespace xc::cli {
namespace {

ExitCode run(Arguments const& /*arguments*/) {
  throw InternalError("not written yet");
}

}  // namespace

Command decode_command() {
  return {"decode", "(not written yet)", {}, run};
}

}  // namespace xc::cli
