#!/usr/bin/env bash
# clr-threads.sh [ROUNDS]: where the CPU of a small request goes in each hosting model of .NET, by
# the kinds of threads, and how often they sleep: the C# reference app at 1,000 requests/s over 8
# connections, medians of 5 rounds in turn, from /proc/PID/task. Where strace works, it counts the
# calls by which threads wait for and wake each other. It needs linux/amd64, a C compiler, the
# SDK of .NET 10 and nothing else that runs. Takes about four minutes; load goes to loopback only.
# Variables: SPIN=0 keeps .NET's thread pool from looking for work in a loop before it sleeps.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
server=
stop() {
  [[ -z $server ]] || kill -INT "$server" 2>/dev/null || true
  [[ -z $server ]] || wait "$server" || true
  server=
}
trap 'stop; rm -rf "$work"' EXIT
bash scripts/dotnet.sh --publish "$work/app" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
go build -tags clr -o "$work/ancmbench" ./cmd/ancmbench
export Logging__LogLevel__Default=Warning ${SPIN:+DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=$SPIN}
rate=1000 seconds=8

# tree PID prints the process and all that it started.
tree() {
  echo "$1"
  local child
  for child in $(cat /proc/"$1"/task/*/children); do tree "$child"; done
}

# threads prints PID-TID, kind, nanoseconds and sleeps of every thread of the server.
threads() {
  local pid task name kind
  for pid in $(tree "$server"); do
    for task in /proc/"$pid"/task/*; do
      name=$(cat "$task/comm") || continue
      case $name in
      .NET\ TP*) kind=pool ;;
      .NET\ Sockets*) kind=sockets ;;
      .NET* | Kestrel* | Console*) kind=rest ;;
      clr-dispatch) kind=dispatcher ;;
      *) kind=go ;;
      esac
      awk -v t="$task" -v k="$kind" 'NR == FNR { ns = $1; next } /^voluntary_ctxt_switches/ { print t, k, ns, $2 }' "$task/schedstat" "$task/status" || true
    done
  done
}

load() { "$work/ancmbench" load "$url/plaintext" -r $rate -c 8 -d "$1s" >"$work/load"; }

one() { # MODEL ROUND
  "$work/ancmbench" serve --app "$work/app" --model="$1" --listen=127.0.0.1:0 >"$work/served" 2>&1 &
  server=$!
  until url=$(grep -o 'http://127.0.0.1:[0-9]*' "$work/served" | head -1) && [[ -n $url ]]; do
    kill -0 $server || { cat "$work/served"; exit 1; }
    sleep 0.1
  done
  load 4
  threads >"$work/before"
  load $seconds
  threads | awk -v n=$((rate * seconds)) -v model="$1" 'NR == FNR { ns[$1] = $3; slept[$1] = $4; next }
    { us[$2] += ($3 - ns[$1]) / 1000 / n; times[$2] += ($4 - slept[$1]) / n }
    END { for (k in us) print model, k, us[k], times[k] }' "$work/before" - >>"$work/all"
  if (($2 == 1)) && strace -f -c -o "$work/none" true 2>/dev/null; then
    strace -f -c -o "$work/calls" $(tree "$server" | sed 's/^/-p /') 2>/dev/null &
    local tracer=$!
    sleep 1
    load $seconds
    kill -INT $tracer
    wait $tracer || true
    awk -v n=$((rate * seconds)) -v model="$1" '$NF ~ /^(futex|nanosleep|sched_yield|epoll_pwait|epoll_wait)$/ { printf "%-15s  %-12s  %6.2f\n", model, $NF, $4 / n }' "$work/calls" >>"$work/waits"
  fi
  stop
}

for ((round = 1; round <= ${1:-5}; round++)); do
  models=(in-process out-of-process)
  ((round % 2)) || models=(out-of-process in-process)
  for model in "${models[@]}"; do one $model $round; done
done
echo "per request, median of ${1:-5} rounds"
echo "model            threads           CPU   sleeps"
sort -k1,1 -k2,2 -k3,3g "$work/all" | awk '
  function flush() { if (n) printf "%-15s  %-10s  %7.1f us  %6.2f\n", model, kind, us[int((n + 1) / 2)], times[int((n + 1) / 2)] }
  $1 " " $2 != model " " kind { flush(); n = 0; model = $1; kind = $2 }
  { us[++n] = $3; times[n] = $4 }
  END { flush() }'
if [[ -s $work/waits ]]; then
  echo
  echo "calls per request of all threads (strace, one round)"
  cat "$work/waits"
fi
