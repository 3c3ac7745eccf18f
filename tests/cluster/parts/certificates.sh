# shellcheck shell=bash
# The cluster's certificates: one authority signs everything, another the API server's aggregation proxy.

openssl_() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 "$@" 2>/dev/null
}

authority() {
  [ -f "$1.crt" ] || openssl_ -subj "/CN=$1" -addext keyUsage=critical,keyCertSign,digitalSignature \
    -keyout "$1.key" -out "$1.crt"
}

# certificate NAME SUBJECT USE [ALTERNATIVE-NAMES] [AUTHORITY]
certificate() {
  [ -f "$1.crt" ] || openssl_ -CA "${5:-ca}.crt" -CAkey "${5:-ca}.key" -subj "$2" \
    -addext basicConstraints=critical,CA:FALSE -addext "extendedKeyUsage=$3" \
    ${4:+-addext "subjectAltName=$4"} -keyout "$1.key" -out "$1.crt"
}

# kubeconfig NAME SUBJECT FILE: with a client certificate inside
kubeconfig() {
  certificate "$1" "$2" clientAuth
  [ ! -f "$3" ] || return 0
  (umask 077 && cat >"$3") <<END
apiVersion: v1
kind: Config
clusters:
- name: test
  cluster: {server: "https://$NODE_IP:6443", certificate-authority-data: $(base64 -w0 ca.crt)}
users:
- name: $1
  user: {client-certificate-data: $(base64 -w0 "$1.crt"), client-key-data: $(base64 -w0 "$1.key")}
contexts: [{name: $1, context: {cluster: test, user: $1}}]
current-context: $1
END
}

service_account_keys() {
  [ ! -f sa.pub ] || return 0
  openssl genrsa -out sa.key 2048 2>/dev/null
  openssl rsa -in sa.key -pubout -out sa.pub 2>/dev/null
}

certificates() {
  local names=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc
  mkdir -p "$PKI"
  chmod 700 "$PKI"
  cd "$PKI" || return
  authority ca
  authority front-proxy-ca
  certificate apiserver /CN=kube-apiserver serverAuth \
    "$names,DNS:kubernetes.default.svc.cluster.local,DNS:localhost,IP:$SERVICE_NET.0.1,IP:$NODE_IP,IP:127.0.0.1"
  certificate apiserver-kubelet-client /CN=kube-apiserver-kubelet-client clientAuth
  certificate front-proxy-client /CN=front-proxy-client clientAuth "" front-proxy-ca
  certificate kubelet-serving "/O=system:nodes/CN=system:node:$NODE" serverAuth "DNS:$NODE,IP:$NODE_IP"
  service_account_keys
  kubeconfig admin /O=system:masters/CN=admin "$ADMIN"
  kubeconfig controller-manager /CN=system:kube-controller-manager "$CLUSTER_RUN/controller-manager.kubeconfig"
  kubeconfig scheduler /CN=system:kube-scheduler "$CLUSTER_RUN/scheduler.kubeconfig"
  kubeconfig kubelet "/O=system:nodes/CN=system:node:$NODE" "$CLUSTER_RUN/kubelet.kubeconfig"
  kubeconfig kube-proxy /CN=system:kube-proxy "$CLUSTER_RUN/kube-proxy.kubeconfig"
  cd "$CLUSTER_RUN" || return
}
