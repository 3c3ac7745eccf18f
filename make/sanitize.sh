#!/usr/bin/env bash
# Builds xc and its tests with AddressSanitizer and UBSan in build/sanitize and runs them.
set -euo pipefail

echo "== native tests under AddressSanitizer and UBSan"
[ -f build/sanitize/build.ninja ] ||
  cmake -S native -B build/sanitize -G Ninja -DCMAKE_BUILD_TYPE=Release -DXC_TESTS=ON \
    -DXC_SANITIZE=address,undefined >/dev/null
ninja -C build/sanitize -j "$JOBS" --quiet xc xc_tests
export UBSAN_OPTIONS=print_stacktrace=1
ctest --test-dir build/sanitize --output-on-failure --timeout 900 -j "$JOBS" --progress >build/sanitize.log 2>&1 || {
  cat build/sanitize.log
  exit 1
}
tail -n 4 build/sanitize.log
