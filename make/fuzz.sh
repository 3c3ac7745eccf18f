#!/usr/bin/env bash
# Runs each libFuzzer target for FUZZ_SECONDS, starting from native/fuzz/corpus/TARGET.
# Inputs that find something new are kept in build/fuzz/corpus/TARGET, crashes in build/fuzz/crashes.
set -euo pipefail

[ -f build/fuzz/build.ninja ] ||
  cmake -S native -B build/fuzz -G Ninja -DCMAKE_BUILD_TYPE=Release -DXC_TESTS=OFF -DXC_FUZZ=ON \
    -DXC_SANITIZE=address,undefined -DCMAKE_CXX_COMPILER=clang++ >/dev/null
ninja -C build/fuzz -j "$JOBS" --quiet

found=0
for program in build/fuzz/fuzz_*; do
  if [ ! -f "$program" ] || [ ! -x "$program" ]; then continue; fi
  found=1
  name=${program##*/fuzz_}
  kept=build/fuzz/corpus/$name
  mkdir -p "$kept" build/fuzz/crashes
  corpus=("$kept")
  [ ! -d "native/fuzz/corpus/$name" ] || corpus+=("native/fuzz/corpus/$name")
  log=build/fuzz/$name.log
  if "$program" -max_total_time="$FUZZ_SECONDS" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/crashes/$name-" "${corpus[@]}" >"$log" 2>&1; then
    echo "fuzz $name: no finding in $FUZZ_SECONDS s, $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
  else
    tail -n 60 "$log"
    echo "fuzz $name: FAILED; the input is in build/fuzz/crashes" >&2
    exit 1
  fi
done
[ $found = 1 ] || { echo "fuzz.sh: native/fuzz has no targets" >&2; exit 1; }
