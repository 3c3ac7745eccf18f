# shellcheck shell=bash
# Where the test cluster's parts lie, and small functions that its scripts share. To be sourced.
# Each setting can be given in the environment.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# What is built, and kept: programs and image archives. No spaces.
CLUSTER_CACHE=${CLUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/excamera/cluster}
# containerd's image store, which only one containerd can have open.
STORE=${CLUSTER_STORE:-$CLUSTER_CACHE/containerd}
# What belongs to one run: keys, etcd, kubelet, sockets, logs. Short: a Unix socket's path ends at 107 bytes.
CLUSTER_RUN=${CLUSTER_RUN:-/tmp/excamera-cluster}
# The network namespace that everything listens in; also names the host's end of the link to it (13 bytes).
CLUSTER_NETNS=${CLUSTER_NETNS:-excamera}
CLUSTER_NET=${CLUSTER_NET:-172.31.0} # /24 between the host (.1) and the node (.2)
POD_NET=${POD_NET:-10.244}           # /16; the node takes .0.0/24
SERVICE_NET=${SERVICE_NET:-10.96}    # /16; .0.1 is the API server, .0.10 the name server

HOST_IP=$CLUSTER_NET.1
NODE_IP=$CLUSTER_NET.2
NODE=node1
BIN=$CLUSTER_CACHE/bin
IMAGES=$CLUSTER_CACHE/images
PKI=$CLUSTER_RUN/pki
LOG=$CLUSTER_RUN/log
ADMIN=$CLUSTER_RUN/admin.kubeconfig
SOCKET=$CLUSTER_RUN/containerd.sock
CGROUP=cluster-$CLUSTER_NETNS # control group of all pods
# Folders that the node's programs write to come what may; replaced in their mount namespace.
OUTSIDE="/run/containerd /var/lib/cni /var/lib/kubelet /var/log/containers"
export HERE CLUSTER_CACHE CLUSTER_RUN HOST_IP NODE_IP NODE BIN IMAGES STORE PKI LOG ADMIN SOCKET CGROUP OUTSIDE

say() { printf '%s\n' "$*" >&2; }
die() {
  say "error: $*"
  exit 1
}

# program NAME: where it is: built here, or brought along in KUBEBUILDER_ASSETS (etcd, kube-apiserver, kubectl)
program() {
  if [ -x "${KUBEBUILDER_ASSETS:-}/$1" ]; then
    echo "$KUBEBUILDER_ASSETS/$1"
  else
    echo "$BIN/$1"
  fi
}

# archive_of IMAGE: the file that holds it
archive_of() { echo "$IMAGES/${1//[\/:]/_}.tar"; }

kubectl_() { "$(program kubectl)" --kubeconfig "$ADMIN" "$@"; }
ctr_() { ctr --address "$SOCKET" --namespace k8s.io "$@"; }

# as_root COMMAND...: run it as root, through sudo where one is not
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

# need PACKAGE:THING...: install the Debian packages whose THING, a command or a file, is missing
need() {
  local pair missing=()
  for pair; do
    [ -e "${pair#*:}" ] || PATH=$PATH:/usr/sbin:/sbin command -v "${pair#*:}" >/dev/null || missing+=("${pair%%:*}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing: ${missing[*]}"
  { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends "${missing[@]}"; } >/dev/null ||
    die "could not install ${missing[*]}"
}
