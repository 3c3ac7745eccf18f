#!/usr/bin/env bash
# Renews the lock files from pyproject.toml: exact versions with hashes and no address of any index.
# With UPGRADE=1 every version is taken anew; otherwise what is locked stays where it still fits.
set -euo pipefail

compile=("$BIN/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes
  --custom-compile-command "make lock" ${UPGRADE:+--upgrade} --extra lambda pyproject.toml)

"${compile[@]}" --group dev --output-file requirements-dev.lock
"${compile[@]}" --constraint requirements-dev.lock --output-file requirements.lock
git diff --stat -- requirements-dev.lock requirements.lock
