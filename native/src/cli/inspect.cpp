// xc inspect: what the frame headers of a stream say.
#include <string>

#include "cli/command.hpp"
#include "cli/header_report.hpp"
#include "media/error.hpp"
#include "media/ivf.hpp"
#include "media/output.hpp"

namespace xc::cli {
namespace {

std::string report(IvfFrame const& frame, std::size_t number, bool json) {
  if (frame.data.empty()) return json ? empty_frame_as_json(number) : empty_frame_as_text(number);
  auto const parts = vp8::read_frame_header(frame.data);
  return json ? header_as_json(number, frame.data.size(), parts)
              : header_as_text(number, frame.data.size(), parts);
}

ExitCode run(Arguments const& arguments) {
  bool const json = arguments.has("json");
  IvfReader reader(open_input(arguments.positional(0)));
  Output output("-");
  IvfFrame frame;
  output.write(std::string_view(json ? "[" : ""));
  for (std::size_t number = 0; reader.next(frame); ++number) {
    auto const line = in_context(reader.name() + ": frame " + std::to_string(number),
                                 [&] { return report(frame, number, json); });
    if (json) output.write(std::string_view(number == 0 ? "\n " : ",\n "));
    output.write(std::string_view(line));
    if (!json) output.write(std::string_view("\n"));
  }
  output.write(std::string_view(json ? "\n]\n" : ""));
  output.commit();
  return ExitCode::kOk;
}

}  // namespace

Command inspect_command() {
  return {"inspect",
          "what the frame headers of a stream say",
          {{{"IN.ivf", "a VP8 stream; - is standard input"}},
           {{"json", 0, "", "print a JSON array with an object for each frame"}},
           "Frames are numbered from 0."},
          run};
}

}  // namespace xc::cli
