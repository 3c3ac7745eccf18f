#!/usr/bin/env bash
# Looks up the Python packages of the lock files in the index's list of known vulnerabilities.
#
# Exit status: 0 none is known; 1 there are some, and they are listed; 3 the list cannot be reached. To be
# sure of that, a release is asked for as well that is known to be vulnerable: an index that knows nothing
# of it knows nothing at all.
set -euo pipefail

tool=(pip-audit==2.10.1)
known="jinja2==2.10"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

audit() { # FILE: the findings, one a line: NAME VERSION IDS
  "$BIN/uv" tool run --quiet "${tool[@]}" --requirement "$1" --no-deps --disable-pip --progress-spinner off \
    --format json >"$folder/found.json" 2>"$folder/log" || [ -s "$folder/found.json" ] || { cat "$folder/log" >&2; return 3; }
  "$BIN/python" - "$folder/found.json" <<'PYTHON'
import json, sys
for package in json.load(open(sys.argv[1]))["dependencies"]:
    if ids := [one["id"] for one in package.get("vulns", ())]:
        print(package["name"], package["version"], *ids)
PYTHON
}

echo "$known" >"$folder/known.txt"
if ! control=$(audit "$folder/known.txt") || [ -z "$control" ]; then
  echo "make audit: the list of known vulnerabilities cannot be reached from here; nothing was looked up" >&2
  exit 3
fi
status=0
for lock in requirements.lock requirements-dev.lock; do
  found=$(audit "$lock")
  [ -z "$found" ] || { printf '%s: known vulnerabilities:\n%s\n' "$lock" "$found"; status=1; }
done
[ $status != 0 ] || echo "make audit: no vulnerability is known of what the lock files name"
exit $status
