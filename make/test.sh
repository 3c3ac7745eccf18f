#!/usr/bin/env bash
# The native tests by ctest, then all the others by pytest, whose closing lines name the tiers that
# were left out. Both run even if the first fails. Arguments go to pytest.
set -uo pipefail

status=0
echo "== native tests (ctest)"
ctest --test-dir "$NATIVE" --output-on-failure --timeout 300 -j "$JOBS" --progress >build/ctest.log 2>&1 || status=$?
if [ $status = 0 ]; then
  # From the totals on: ctest names there what was skipped.
  sed -n '/tests passed/,$p' build/ctest.log
else
  cat build/ctest.log
fi

echo "== Python tests (pytest)"
"$BIN/python" -m pytest "$@" || { code=$?; [ $status != 0 ] || status=$code; }
exit $status
