#!/usr/bin/env bash
# To be sourced by what runs fuzz targets of libFuzzer's kind.

# fuzz TARGET SECONDS BUILD SEEDS COMMAND...: runs the target, beginning with its SEEDS. What it learns and what it
# says stays in BUILD, and so does an input that it finds something with; then the status is 1.
fuzz() {
  local target=$1 seconds=$2 build=$3 seeds=$4 status=0
  shift 4
  mkdir -p "$build/corpus/$target" "$build/findings"
  echo "fuzz $target: $seconds s"
  "$@" "$build/corpus/$target" "$seeds/$target" -max_total_time="$seconds" -rss_limit_mb=1024 \
    -artifact_prefix="$build/findings/$target-" -print_final_stats=1 >"$build/$target.log" 2>&1 || {
    tail -n 60 "$build/$target.log"
    echo "fuzz $target: a finding, see $build/findings" >&2
    status=1
  }
  grep -E "stat::number_of_executed_units|^Done" "$build/$target.log" || true
  return $status
}
