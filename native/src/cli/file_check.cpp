#include "cli/file_check.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "media/error.hpp"

namespace xc::cli {
namespace {

namespace fs = std::filesystem;

struct NamedFile {
  std::string path;
  std::string role;  // as the command line has it: "--state", "IN.ivf"
  bool is_written = false;

  [[nodiscard]] bool is_stream() const { return path == "-"; }
};

std::vector<NamedFile> files_of(ArgumentSpec const& spec, Arguments const& arguments) {
  std::vector<NamedFile> files;
  for (std::size_t i = 0; i < arguments.positional_count(); ++i)
    files.push_back({arguments.positional(i), std::string(spec.positionals[i].name)});
  for (Option const& option : spec.options) {
    auto const path = option.file == File::kNone ? std::nullopt : arguments.find(option.name);
    if (path) {
      files.push_back({*path, "--" + std::string(option.name), option.file == File::kWritten});
    }
  }
  return files;
}

// Nothing if there is no such file yet, or something that cannot be overwritten.
std::optional<std::pair<dev_t, ino_t>> identity(NamedFile const& file) {
  struct stat status {};
  int const failed = file.is_stream()
                         ? ::fstat(file.is_written ? STDOUT_FILENO : STDIN_FILENO, &status)
                         : ::stat(file.path.c_str(), &status);
  if (failed != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return std::pair(status.st_dev, status.st_ino);
}

bool is_there(NamedFile const& file) {
  struct stat status {};
  return file.is_stream() || ::stat(file.path.c_str(), &status) == 0;
}

// Where a file would be made that is not there yet: a symbolic link may lead to it. Nothing if that
// cannot be told.
std::optional<fs::path> destination(NamedFile const& file) {
  constexpr int kMostLinks = 40;
  std::error_code error;
  auto path = fs::absolute(file.path, error);
  for (int links = 0; links < kMostLinks && fs::is_symlink(path, error); ++links)
    path = path.parent_path() / fs::read_symlink(path, error);
  path = fs::weakly_canonical(path, error);
  return error ? std::nullopt : std::optional(path);
}

template <typename Place>
bool are_same(std::optional<Place> const& a, std::optional<Place> const& b) {
  return a && a == b;
}

bool are_same(NamedFile const& a, NamedFile const& b) {
  if (is_there(a) || is_there(b)) return are_same(identity(a), identity(b));
  return are_same(destination(a), destination(b));
}

void check(NamedFile const& a, NamedFile const& b) {
  auto const both = a.role + " and " + b.role;
  if (a.is_stream() && b.is_stream() && a.is_written == b.is_written) {
    throw UsageError(a.is_written ? both + " cannot both be standard output"
                                  : "only one of " + both + " can be standard input");
  }
  if ((a.is_written || b.is_written) && are_same(a, b)) {
    throw UsageError(
        both + " are the same file, which would be overwritten: " + (a.is_stream() ? b : a).path);
  }
}

}  // namespace

void check_files(ArgumentSpec const& spec, Arguments const& arguments) {
  auto const files = files_of(spec, arguments);
  for (auto a = files.begin(); a != files.end(); ++a) {
    for (auto b = a + 1; b != files.end(); ++b)
      check(*a, *b);
  }
}

}  // namespace xc::cli
