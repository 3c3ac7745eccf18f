# shellcheck shell=bash
# Tier node: controllers, scheduler, and one real node: containerd, kubelet, kube-proxy, CoreDNS.
# NetworkPolicies are stored but not enforced (bridge network), and there is no storage provisioner.

node_needs() {
  need containerd:containerd runc:runc containernetworking-plugins:/usr/lib/cni/bridge nftables:nft \
    iptables:iptables util-linux:unshare
}

controllers() {
  start kube-controller-manager "$(program kube-controller-manager)" --leader-elect=false \
    --kubeconfig="$CLUSTER_RUN/controller-manager.kubeconfig" \
    --authentication-kubeconfig="$CLUSTER_RUN/controller-manager.kubeconfig" \
    --authorization-kubeconfig="$CLUSTER_RUN/controller-manager.kubeconfig" \
    --use-service-account-credentials --service-account-private-key-file="$PKI/sa.key" \
    --root-ca-file="$PKI/ca.crt" --cluster-signing-cert-file="$PKI/ca.crt" --cluster-signing-key-file="$PKI/ca.key" \
    --allocate-node-cidrs --cluster-cidr="$POD_NET.0.0/16" --service-cluster-ip-range="$SERVICE_NET.0.0/16" \
    --flex-volume-plugin-dir="$CLUSTER_RUN/flexvolume"
  start kube-scheduler "$(program kube-scheduler)" --leader-elect=false \
    --kubeconfig="$CLUSTER_RUN/scheduler.kubeconfig" \
    --authentication-kubeconfig="$CLUSTER_RUN/scheduler.kubeconfig" \
    --authorization-kubeconfig="$CLUSTER_RUN/scheduler.kubeconfig"
}

pod_network() {
  mkdir -p "$CLUSTER_RUN/cni"
  put "$CLUSTER_RUN/cni/10-pods.conflist" <<END
{"cniVersion": "0.4.0", "name": "$CLUSTER_NETNS-pods", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$CLUSTER_RUN/ipam",
            "ranges": [[{"subnet": "$POD_NET.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
END
}

# containerd and the kubelet share a mount namespace of their own: when they and their containers are gone, so
# are all their mounts.
containerd_up() {
  mkdir -p "$STORE"
  # restrict_oom_score_adj: without CAP_SYS_RESOURCE runc may not lower a score, and no pod would start.
  # netns_mounts_under_state_dir: leaves nothing in /run/netns.
  put "$CLUSTER_RUN/containerd.toml" <<END
version = 2
root = "$STORE"
state = "$CLUSTER_RUN/containerd"
[grpc]
  address = "$SOCKET"
[plugins."io.containerd.internal.v1.opt"]
  path = "$CLUSTER_RUN/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "dev.local/pause:1"
  restrict_oom_score_adj = true
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$CLUSTER_RUN/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
END
  start containerd unshare --mount --propagation private bash "$HERE/parts/start-containerd"
  wait_for containerd 60 "containerd answers" ctr_ version
}

# load IMAGE...: import archives, except those that were imported before
load() {
  local image archive stamp
  mkdir -p "$STORE/loaded"
  for image; do
    archive=$(archive_of "$image")
    stamp=$STORE/loaded/$(basename "$archive")
    [ -f "$archive" ] || die "no image $image: run tests/cluster/build"
    if [ ! "$stamp" -nt "$archive" ] || ! ctr_ image ls -q | grep -x "$image" >/dev/null; then
      ctr_ image import --digests=false "$archive" >/dev/null
      touch "$stamp"
      say "  loaded $image"
    fi
  done
}

# The pods' control group, by which `down` tells their processes from others.
control_group() {
  local folder file
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then # version 2; not tested
    mkdir -p "/sys/fs/cgroup/$CGROUP"
    sed 's/\([a-z]\+\)/+\1/g' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control
    return
  fi
  for folder in /sys/fs/cgroup/*/; do
    [ ! -d "$folder$CGROUP" ] || continue
    mkdir "$folder$CGROUP"
    for file in cpuset.cpus cpuset.mems; do
      [ ! -f "$folder$file" ] || cat "$folder$file" >"$folder$CGROUP/$file"
    done
  done
}

kubelet_up() {
  put "$CLUSTER_RUN/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix://$SOCKET
cgroupDriver: cgroupfs
cgroupRoot: /$CGROUP
failCgroupV1: false # the kubelet would refuse version 1 of control groups
failSwapOn: false
clusterDNS: [$SERVICE_NET.0.10]
clusterDomain: cluster.local
resolvConf: "" # there is no way out, so there are no outer names
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $PKI/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $PKI/kubelet-serving.crt
tlsPrivateKeyFile: $PKI/kubelet-serving.key
podLogsDir: $LOG/pods
volumePluginDir: $CLUSTER_RUN/flexvolume
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: {memory.available: 200Mi}
maxPods: 250
END
  start kubelet nsenter --mount="/proc/$(cut -d' ' -f1 "$CLUSTER_RUN/pid/containerd")/ns/mnt" -- \
    "$(program kubelet)" --config="$CLUSTER_RUN/kubelet.yaml" --kubeconfig="$CLUSTER_RUN/kubelet.kubeconfig" \
    --root-dir="$CLUSTER_RUN/kubelet" --cert-dir="$PKI" --hostname-override="$NODE" --node-ip="$NODE_IP"
}

kube_proxy_up() {
  put "$CLUSTER_RUN/kube-proxy.yaml" <<END
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
clusterCIDR: $POD_NET.0.0/16
clientConnection: {kubeconfig: $CLUSTER_RUN/kube-proxy.kubeconfig}
hostnameOverride: $NODE
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
END
  start kube-proxy "$(program kube-proxy)" --config="$CLUSTER_RUN/kube-proxy.yaml"
  wait_for kube-proxy 30 "services are routed" curl -sf "http://$NODE_IP:10256/healthz"
}

node_up() {
  # The API server may read logs and exec: it asks the kubelet under this name.
  kubectl_ create clusterrolebinding kubelet-api --clusterrole=system:kubelet-api-admin \
    --user=kube-apiserver-kubelet-client --dry-run=client -o yaml | kubectl_ apply -f - >/dev/null
  controllers
  pod_network
  containerd_up
  load dev.local/pause:1 dev.local/coredns:1
  control_group
  kubelet_up
  kube_proxy_up
  sed "s/@DNS@/$SERVICE_NET.0.10/" "$HERE/manifests/coredns.yaml" | kubectl_ apply -f - >/dev/null
  wait_for kubelet 90 "the node is registered" kubectl_ get node "$NODE"
  kubectl_ wait --for=condition=Ready --timeout=90s "node/$NODE" >/dev/null ||
    die "the node is not ready (log: $LOG/kubelet.log)"
  wait_for kube-controller-manager 30 "the default service account exists" kubectl_ get serviceaccount default
  kubectl_ -n kube-system rollout status --timeout=90s deployment/coredns >/dev/null ||
    die "the name server is not ready"
  local image
  for image in dev.local/minio:1 dev.local/excamera:test; do
    [ ! -f "$(archive_of "$image")" ] || load "$image"
  done
}
