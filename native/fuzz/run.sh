#!/usr/bin/env bash
# Builds the fuzz targets with clang and runs each for SECONDS (default 60), starting from its seeds in
# native/fuzz/corpus. What they learn stays in the build folder (XC_FUZZ_BUILD), and so does an input that
# they find something with; then the exit code is 1.
set -euo pipefail

seconds=${1:-60}
native=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=make/fuzz.sh
. "$native/../make/fuzz.sh"
build=${XC_FUZZ_BUILD:-$native/../build/fuzz}
jobs=${JOBS:-2}
mkdir -p "$build"

cmake -S "$native" -B "$build" -G Ninja -DCMAKE_CXX_COMPILER=clang++ \
  -DXC_FUZZ=ON -DXC_TESTS=OFF -DXC_SANITIZE=address,undefined >"$build.log" || { cat "$build.log" >&2; exit 4; }
cmake --build "$build" -j "$jobs" >"$build.log" || { cat "$build.log" >&2; exit 4; }

status=0
for program in "$build"/fuzz_*; do
  if [ ! -x "$program" ] || [ ! -f "$program" ]; then continue; fi
  target=${program##*/fuzz_}
  fuzz "$target" "$seconds" "$build" "$native/fuzz/corpus" \
    "$program" -malloc_limit_mb=512 -timeout=25 -max_len=16384 || status=1
done
exit "$status"
