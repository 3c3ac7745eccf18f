#!/usr/bin/env bash
# Runs each Python target under atheris for SECONDS (default 60), starting from its kept inputs in
# tests/fuzz/corpus. What they learn stays in build/fuzz-python, and so does an input that they find
# something with; then the exit code is 1.
set -euo pipefail
# shellcheck source=make/fuzz.sh
. make/fuzz.sh

seconds=${1:-60}
python=${BIN:-.venv/bin}/python
if ! "$python" -c 'import atheris' 2>/dev/null; then
  echo "fuzz: atheris has no wheel for this machine; the Python targets are left out" >&2
  exit 0
fi

status=0
for source in tests/fuzz/targets/*.py; do
  target=$(basename "$source" .py)
  fuzz "$target" "$seconds" build/fuzz-python tests/fuzz/corpus \
    "$python" -m tests.fuzz "$target" -timeout=10 -max_len=4096 || status=1
done
exit "$status"
