#!/usr/bin/env bash
# Installs the Debian packages of the named groups, as far as they are missing.
#
#     make/packages.sh build test check
#
# On Debian (and what descends from it) as root or with sudo; anywhere else it prints what is needed
# and goes on, because the programs may be there under other packages' names.
set -euo pipefail

build=(python3-venv cmake ninja-build g++ pkg-config libvpx-dev libgtest-dev)
test=(ffmpeg vpx-tools mkvtoolnix chromium graphviz faketime iproute2 iptables)
arm=(g++-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user googletest)
check=(clang clang-format clang-tidy libclang-rt-dev shellcheck)

wanted=()
for group in "$@"; do
  case $group in
    build) wanted+=("${build[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    arm) wanted+=("${arm[@]}") ;;
    check) wanted+=("${check[@]}") ;;
    *) echo "packages.sh: no group called '$group' (build, test, arm, check)" >&2; exit 2 ;;
  esac
done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "Not a Debian system, so nothing is installed. Needed, by Debian's names: ${wanted[*]}"
  exit 0
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
missing=()
for package in "${wanted[@]}"; do
  grep -qxF -- "$package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

command=(apt-get -o DPkg::Lock::Timeout=600 -o APT::Acquire::Retries=3)
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "Missing packages, and neither root nor sudo to install them. As root, run:" >&2
    echo "    apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  command=(sudo "${command[@]}")
fi
echo "Installing Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${command[@]}" update -qq
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"${command[@]}" install -y -qq --no-install-recommends "${missing[@]}" </dev/null >"$log" 2>&1 || {
  cat "$log" >&2
  echo "packages.sh: apt-get could not install: ${missing[*]}" >&2
  exit 1
}
