#!/usr/bin/env bash
# Every check that needs no run of the program. All of them run; the last lines say which failed.
set -uo pipefail

failed=()
check() { # NAME COMMAND...: runs it, shows its output only if it fails
  local name=$1 started=$SECONDS output
  shift
  if output=$("$@" 2>&1); then
    printf 'ok      %s (%s s)\n' "$name" $((SECONDS - started))
  else
    printf 'FAILED  %s: %s\n%s\n' "$name" "$*" "$output"
    failed+=("$name")
  fi
}

native_sources() { git ls-files -co --exclude-standard 'native/*.cpp' 'native/*.hpp'; }
shell_scripts() { git ls-files -co --exclude-standard | xargs -r grep -lIE '^#!/(usr/bin/env |bin/)(ba)?sh' --; }
clang_format() { native_sources | xargs -r clang-format --dry-run --Werror; }
shell_check() { shell_scripts | xargs -r shellcheck --severity=style; }

check "Python format" "$BIN/ruff" format --check --quiet .
check "Python lint" "$BIN/ruff" check --quiet .
check "Python types" "$BIN/mypy" --no-error-summary
check "import arrows" "$BIN/lint-imports" --no-cache
check "generated stubs" "$BIN/python" proto/generate.py --check
check "C++ format" clang_format
check "C++ lint" make/tidy.sh
check "shell scripts" shell_check
check "project hygiene" "$BIN/python" -m pytest -q --no-header tests/project

if [ ${#failed[@]} -gt 0 ]; then
  echo "make check: failed: ${failed[*]}" >&2
  exit 1
fi
