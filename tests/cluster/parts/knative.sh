# shellcheck shell=bash
# Tier knative: Knative Serving, with Traefik as its ingress.

knative_up() {
  local name images=()
  for name in activator autoscaler controller webhook queue; do images+=("dev.local/knative/$name:1"); done
  load "${images[@]}" dev.local/traefik:1
  kubectl_ apply --server-side --force-conflicts -f "$CLUSTER_CACHE/knative-crds.yaml" >/dev/null
  kubectl_ wait --for=condition=Established --timeout=60s -f "$CLUSTER_CACHE/knative-crds.yaml" >/dev/null
  say "  Knative's kinds are established"
  # Knative's webhook, which is among these, is asked about the others as soon as it is known, and answers later.
  wait_for - 120 "Knative's objects are there" \
    kubectl_ apply --server-side --force-conflicts -f "$CLUSTER_CACHE/knative.yaml"
  kubectl_ apply -f "$HERE/manifests/traefik.yaml" >/dev/null
  # Nobody waits for a pod that a test has done with: no first pod, and six seconds of grace instead of thirty.
  wait_for - 60 "Knative is set up" \
    kubectl_ -n knative-serving patch configmap config-autoscaler --type=merge --patch \
    '{"data": {"allow-zero-initial-scale": "true", "initial-scale": "0", "scale-to-zero-grace-period": "6s"}}'
  for name in activator autoscaler controller webhook; do
    kubectl_ -n knative-serving rollout status --timeout=180s "deployment/$name" >/dev/null ||
      die "knative-serving/$name is not ready"
  done
  kubectl_ -n knative-ingress rollout status --timeout=90s deployment/traefik >/dev/null || die "Traefik is not ready"
}
