#!/usr/bin/env bash
# Makes the virtual environment in the folder that is named, if it is not there or does not start.
# $PYTHON says with which interpreter; otherwise the first on PATH that is new enough is taken.
set -euo pipefail

venv=$1
suits='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'

if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  touch "$venv/.created"
  exit 0
fi
for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3}; do
  if "$python" -c "$suits" >/dev/null 2>&1; then
    echo "Making $venv with $("$python" --version) ($python)"
    rm -rf "$venv"
    "$python" -m venv "$venv"
    touch "$venv/.created"
    exit 0
  fi
done
echo "No Python of version 3.11 or newer with venv was found; name one: make PYTHON=/path/to/python3" >&2
exit 1
