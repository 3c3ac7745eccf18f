// xc state: the decoder state at the end of a stream.
#include <string>

#include "cli/command.hpp"
#include "media/bytes.hpp"
#include "media/error.hpp"
#include "media/ivf.hpp"
#include "vp8/state_file.hpp"
#include "vp8/stream_decoder.hpp"

namespace xc::cli {
namespace {

vp8::DecoderState start_state(Arguments const& arguments) {
  auto const path = arguments.find("from");
  if (!path) return {};
  auto const bytes = vp8::read_state(*path);
  return in_context(input_name(*path), [&] { return vp8::deserialise(bytes); });
}

ExitCode run(Arguments const& arguments) {
  vp8::StreamDecoder decoder(start_state(arguments));
  IvfReader reader(open_input(arguments.positional(0)));
  IvfFrame frame;
  while (reader.next(frame)) {
    in_context(reader.name(), [&] { decoder.decode(frame.data); });
  }
  if (!decoder.state().has_pictures()) {
    throw BadInput(reader.name(), "holds no frame, so there is no state");
  }
  write_file(arguments.text("output"), vp8::serialise(decoder.state()));
  return ExitCode::kOk;
}

}  // namespace

Command state_command() {
  return {
      "state",
      "the decoder state at the end of a stream",
      {{{"IN.ivf", "a VP8 stream; - is standard input"}},
       {file("from", 0, "STATE", File::kRead,
             "the state that the stream starts on; none: a key frame"),
        file("output", 'o', "STATE", File::kWritten, "where to write; - is standard output", true)},
       "A state holds all that decoding needs to go on: reference pictures, probabilities,\n"
       "segmentation and loop filter deltas. It has a version and a checksum; a state of\n"
       "another version, or one that is damaged, is refused."},
      run};
}

}  // namespace xc::cli
