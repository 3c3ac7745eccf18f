#!/usr/bin/env bash
# Compiles the codec for aarch64 in build/arm and runs its tests under emulation: NEON against the
# scalar functions, and the conformance streams (VP8_TEST_VECTORS) with both.
set -euo pipefail

for program in aarch64-linux-gnu-g++ qemu-aarch64; do
  command -v "$program" >/dev/null || {
    echo "aarch64 cannot be tested without $program; on Debian \`make arm\` installs it" >&2
    exit 1
  }
done

echo "== native tests for aarch64, emulated"
[ -f build/arm/build.ninja ] ||
  cmake -S native/arm -B build/arm -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
ninja -C build/arm -j "$JOBS" --quiet
qemu-aarch64 build/arm/xc_arm_tests --gtest_brief=1
