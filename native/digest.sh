#!/usr/bin/env bash
# A digest of the sources in src, by which `xc --version` tells what it was built from. With the name of a
# header, writes it there for the compiler.
set -euo pipefail

digest() {
  cd "$(dirname "${BASH_SOURCE[0]}")"
  find src -name '*.[ch]pp' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12
}

if [ $# = 0 ]; then
  digest
else
  printf '#define XC_SOURCES "%s"\n' "$(digest)" >"$1"
fi
