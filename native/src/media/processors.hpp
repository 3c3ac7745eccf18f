// How many processors this process may use.
#pragma once

#include <cstddef>
#include <string>

namespace xc {

// At least one: those that the scheduler lets it run on, or fewer if its control group may not use
// so many (a container's CPU limit). Parts of a processor count as a whole one.
std::size_t usable_processors();

// What a cgroup's cpu.max ("quota period" in microseconds, or "max period") allows; 0: any number.
std::size_t processors_allowed_by(std::string const& cpu_max);

}  // namespace xc
