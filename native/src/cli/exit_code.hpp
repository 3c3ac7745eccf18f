// What xc's exit codes mean. Scripts and the worker depend on them.
#pragma once

namespace xc::cli {

enum class ExitCode : int {
  kOk = 0,
  kUsage = 2,     // the command line makes no sense
  kBadInput = 3,  // an input is not there or not what it should be; no use to try again
  kIo = 4,        // a file or pipe failed; trying again may help
  kInternal = 5,  // our own fault, or no memory
};

}  // namespace xc::cli
