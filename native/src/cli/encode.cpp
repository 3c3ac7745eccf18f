#include "cli/command.hpp"
#include "media/error.hpp"

namespace xc::cli {
namespace {

ExitCode run(Arguments const& /*arguments*/) {
  throw InternalError("not written yet");
}

}  // namespace

Command encode_command() {
  return {"encode", "(not written yet)", {}, run};
}

}  // namespace xc::cli
