# shellcheck shell=bash
# The cluster's processes: started once, recorded by id and start time, waited for, ended.

# start_time PID: field 22 of its stat line; with the id it names one process for good
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# alive NAME: is the process that `start` recorded under NAME still running?
alive() {
  local pid time
  [ -f "$CLUSTER_RUN/pid/$1" ] || return 1
  read -r pid time <"$CLUSTER_RUN/pid/$1"
  [ -n "$time" ] && [ "$(start_time "$pid")" = "$time" ]
}

# start NAME COMMAND...: run it in the cluster's network namespace unless it runs already
start() {
  local name=$1 pid
  shift
  ! alive "$name" || return 0
  mkdir -p "$CLUSTER_RUN/pid" "$LOG"
  setsid nsenter --net="/run/netns/$CLUSTER_NETNS" -- "$@" >"$LOG/$name.log" 2>&1 </dev/null 9>&- &
  pid=$!
  echo "$pid $(start_time "$pid")" >"$CLUSTER_RUN/pid/$name"
}

# end NAME...: ask them all to end; after four seconds, make them
end() {
  local name pid tries=40 left=()
  for name; do
    alive "$name" && read -r pid _ <"$CLUSTER_RUN/pid/$name" && kill "$pid" 2>/dev/null
  done
  while [ $((tries -= 1)) -gt 0 ]; do
    left=()
    for name; do ! alive "$name" || left+=("$name"); done
    [ ${#left[@]} -gt 0 ] || return 0
    sleep 0.1
  done
  for name in "${left[@]}"; do
    read -r pid _ <"$CLUSTER_RUN/pid/$name"
    kill -9 "$pid" 2>/dev/null || true
  done
}

# wait_for NAME SECONDS WHAT COMMAND...: until COMMAND succeeds. NAME is the process that answers (or - for
# none); if it ends, or the time is up, the end of its log explains it.
wait_for() {
  local name=$1 limit=$2 what=$3 began=$SECONDS
  shift 3
  until "$@" >/dev/null 2>&1; do
    if [ "$name" != - ] && ! alive "$name"; then
      tail -n 15 "$LOG/$name.log" >&2
      die "$name ended while waiting for: $what (log: $LOG/$name.log)"
    fi
    if [ $((SECONDS - began)) -ge "$limit" ]; then
      [ "$name" = - ] || tail -n 15 "$LOG/$name.log" >&2
      die "not within $limit s: $what"
    fi
    sleep 0.2
  done
  say "  $what ($((SECONDS - began)) s)"
}

# put FILE: write what comes in unless FILE holds just that (kube-proxy ends when its file is written to)
put() {
  local text
  text=$(cat)
  if [ ! -f "$1" ] || [ "$text" != "$(cat "$1")" ]; then printf '%s\n' "$text" >"$1"; fi
}
