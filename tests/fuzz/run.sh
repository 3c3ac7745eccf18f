#!/usr/bin/env bash
# Runs each Python target under atheris for SECONDS (default 60), starting from its kept inputs in
# tests/fuzz/corpus. What they learn stays in build/fuzz-python, and so does an input that they find
# something with; then the exit code is 1.
set -euo pipefail

seconds=${1:-60}
python=${BIN:-.venv/bin}/python
build=build/fuzz-python
mkdir -p "$build/findings"
if ! "$python" -c 'import atheris' 2>/dev/null; then
  echo "fuzz: atheris has no wheel for this machine; the Python targets are left out" >&2
  exit 0
fi

status=0
for source in tests/fuzz/targets/*.py; do
  target=$(basename "$source" .py)
  mkdir -p "$build/corpus/$target"
  echo "fuzz $target: $seconds s"
  "$python" -m tests.fuzz "$target" "$build/corpus/$target" "tests/fuzz/corpus/$target" \
    -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 -max_len=4096 \
    -artifact_prefix="$build/findings/$target-" -print_final_stats=1 >"$build/$target.log" 2>&1 || {
    tail -n 60 "$build/$target.log"
    echo "fuzz $target: a finding, see $build/findings" >&2
    status=1
  }
  grep -E "stat::number_of_executed_units|^Done" "$build/$target.log" || true
done
exit "$status"
