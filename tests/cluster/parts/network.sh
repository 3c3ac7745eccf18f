# shellcheck shell=bash
# The cluster's network: a namespace of its own, joined to the host by one link and to nothing else. Programs on
# the host reach the API server, pods and services by address.

network_up() {
  local host_end=$CLUSTER_NETNS-h
  [ ! -e "$CLUSTER_RUN/network" ] || return 0
  [ ! -e "/run/netns/$CLUSTER_NETNS" ] ||
    die "the network namespace $CLUSTER_NETNS exists and is not this cluster's: run down, or set CLUSTER_NETNS"
  ip netns add "$CLUSTER_NETNS"
  : >"$CLUSTER_RUN/network"
  ip link add "$host_end" type veth peer name eth0 netns "$CLUSTER_NETNS"
  ip addr add "$HOST_IP/24" dev "$host_end"
  ip link set "$host_end" up
  ip -n "$CLUSTER_NETNS" addr add "$NODE_IP/24" dev eth0
  ip -n "$CLUSTER_NETNS" link set eth0 up
  ip -n "$CLUSTER_NETNS" link set lo up
  ip -n "$CLUSTER_NETNS" route add default via "$HOST_IP"
  nsenter --net="/run/netns/$CLUSTER_NETNS" -- sysctl -qw net.ipv4.ip_forward=1
  ip route add "$POD_NET.0.0/16" via "$NODE_IP"
  ip route add "$SERVICE_NET.0.0/16" via "$NODE_IP"
}

# The namespace takes the link, the pods' bridge and all rules with it.
network_down() { [ ! -e "$CLUSTER_RUN/network" ] || ip netns del "$CLUSTER_NETNS" 2>/dev/null || true; }
