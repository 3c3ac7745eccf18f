// The error tree. Everything that xc reports to its user is one of these:
//
//   Error
//   ├── UsageError      the command line makes no sense        exit code 2
//   ├── BadInput        not there, or not what it should be    exit code 3
//   ├── IoError         a file or pipe failed                  exit code 4
//   └── InternalError   our own fault                          exit code 5
//
// A message is "where: where: what", outermost place first. Code that knows more about the place
// than the code that threw adds it on the way up:
//
//   in_context("frame 17", [&] { decode(frame); });
//
// Inputs, outputs and the readers on them name their file themselves.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace xc {

class Error : public std::exception {
 public:
  explicit Error(std::string what) : message_(std::move(what)) {}
  Error(std::string_view where, std::string_view what) : message_(what) { prepend(where); }

  [[nodiscard]] char const* what() const noexcept override { return message_.c_str(); }

  // Puts the place in front of the message, as in "clip.ivf: frame 17: …".
  void prepend(std::string_view where) { message_.insert(0, std::string(where) + ": "); }

 private:
  std::string message_;
};

class UsageError : public Error {
 public:
  using Error::Error;
};

class BadInput : public Error {
 public:
  using Error::Error;
};

class IoError : public Error {
 public:
  using Error::Error;
};

class InternalError : public Error {
 public:
  using Error::Error;
};

// Runs an action; if an error of the given kind comes out of it, puts the place in front and lets
// it go on.
template <typename Kind = Error, typename Action>
decltype(auto) in_context(std::string_view where, Action&& action) {
  try {
    return std::forward<Action>(action)();
  } catch (Kind& error) {
    error.prepend(where);
    throw;
  }
}

}  // namespace xc
