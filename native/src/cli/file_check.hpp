// Looks at the files that a command line names before anything is read or written.
#pragma once

#include "cli/arguments.hpp"

namespace xc::cli {

// Throws UsageError if a file is to be written that is read as well, by whatever name, or if two
// are to be written that are the same; the same for the standard streams. Devices and FIFOs may
// stand for as much as one likes.
void check_files(ArgumentSpec const& spec, Arguments const& arguments);

}  // namespace xc::cli
