#include "media/bytes.hpp"

#include <array>
#include <memory>

#include "media/error.hpp"
#include "media/input.hpp"
#include "media/output.hpp"

namespace xc {

std::vector<std::uint8_t> read_file(std::string const& path, std::size_t limit) {
  std::unique_ptr<Input> const input = open_input(path);
  std::vector<std::uint8_t> bytes;
  input->read(bytes, limit);
  std::array<std::uint8_t, 1> beyond{};
  if (input->read_some(beyond) != 0) {
    throw BadInput(input->name(), "holds more than " + std::to_string(limit) + " bytes");
  }
  return bytes;
}

void write_file(std::string const& path, std::span<std::uint8_t const> bytes) {
  Output output(path);
  output.write(bytes);
  output.commit();
}

}  // namespace xc
