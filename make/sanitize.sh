#!/usr/bin/env bash
# Builds xc's tests with sanitizers in build/sanitize* and runs them: all under AddressSanitizer and
# UBSan, and those in which threads work together under ThreadSanitizer.
set -euo pipefail

run() { # FOLDER SANITIZERS [CTEST OPTION ...]
  local folder=$1 sanitizers=$2
  shift 2
  [ -f "$folder/build.ninja" ] ||
    cmake -S native -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DXC_TESTS=ON \
      -DXC_SANITIZE="$sanitizers" >/dev/null
  ninja -C "$folder" -j "$JOBS" --quiet xc_tests
  ctest --test-dir "$folder" --output-on-failure --timeout 900 -j "$JOBS" --progress "$@" \
    >"$folder.log" 2>&1 || {
    cat "$folder.log"
    exit 1
  }
  tail -n 4 "$folder.log"
}

echo "== native tests under AddressSanitizer and UBSan"
export UBSAN_OPTIONS=print_stacktrace=1
run build/sanitize address,undefined
echo "== native tests of threads under ThreadSanitizer"
run build/sanitize-threads thread --tests-regex '^(Crew|Wavefront|RebaseThreads)\.'
