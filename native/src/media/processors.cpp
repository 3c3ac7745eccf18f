#include "media/processors.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace xc {

std::size_t processors_allowed_by(std::string const& cpu_max) {
  std::istringstream fields(cpu_max);
  std::size_t quota = 0;
  std::size_t period = 0;
  if (!(fields >> quota >> period) || period == 0) return 0;
  return std::max<std::size_t>(1, (quota + period - 1) / period);
}

// A container sees its own group as the root.
std::size_t usable_processors() {
  std::size_t const there = std::max(1U, std::thread::hardware_concurrency());
  std::string line;
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::getline(file, line);
  auto const allowed = processors_allowed_by(line);
  return allowed == 0 ? there : std::min(there, allowed);
}

}  // namespace xc
