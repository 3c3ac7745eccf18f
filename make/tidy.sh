#!/usr/bin/env bash
# clang-tidy over the codec's own translation units. It takes seconds for each, so what has passed is
# remembered in build/tidy by a sum over the file, the headers of ours that it includes, and the checks.
# The tests are left out: with GoogleTest's headers they would cost minutes and have shown nothing.
set -euo pipefail

passed=build/tidy
mkdir -p "$passed"

sum_of() { # SOURCE: over all that its verdict depends on
  local object="CMakeFiles/.*/${1#native/}.o"
  {
    clang-tidy --version
    cat native/.clang-tidy "$1"
    ninja -C "$NATIVE" -t deps 2>/dev/null |
      awk -v object="^$object:" '/^[^ ]/ { mine = $0 ~ object } mine && /native\/src\// { print $1 }' |
      (cd "$NATIVE" && sort | xargs -r cat)
  } | sha256sum | cut -d' ' -f1
}

tidy() { # SOURCE
  local sum output
  sum=$(sum_of "$1")
  [ ! -e "$passed/$sum" ] || return 0
  if output=$(clang-tidy -quiet -p "$NATIVE" "$PWD/$1" 2>/dev/null); then
    : >"$passed/$sum"
  else
    printf '%s\n' "$output"
    return 1
  fi
}

if [ $# = 1 ]; then
  tidy "$1"
else
  git ls-files -co --exclude-standard 'native/src/*.cpp' | xargs -r -P "$JOBS" -n 1 "$0"
fi
