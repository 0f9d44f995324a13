#!/usr/bin/env bash
# Shows that ancmbench's closed loop and wrk see the same servers: service p50 and
# throughput of both hosting models, each loaded by wrk and by ancmbench in turn
# (A B B A), at the same number of connections.
#
#   scripts/wrk.sh [CONNECTIONS [SECONDS]]
#
# wrk comes from the distribution's packages. Load goes to loopback only.
set -euo pipefail
cd "$(dirname "$0")/.."
connections=${1:-8} seconds=${2:-4}
command -v wrk >/dev/null || apt-get install -y -qq wrk >/dev/null
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$work"' EXIT
go build -o "$work/ancmbench" ./cmd/ancmbench
declare -A port=([in-process]=18081 [out-of-process]=18082)
for model in in-process out-of-process; do
  "$work/ancmbench" serve --model=$model --listen=127.0.0.1:${port[$model]} >"$work/$model.log" 2>&1 &
done
for model in in-process out-of-process; do
  up=
  for _ in $(seq 100); do
    # Whoever has the port: only the model's own answer counts.
    if curl -fsS -D - -o /dev/null "http://127.0.0.1:${port[$model]}/plaintext" 2>/dev/null | grep -qi "^x-ancm-model: $model"; then up=1; break; fi
    sleep 0.1
  done
  [[ $up ]] || { echo "wrk.sh: $model does not answer" >&2; cat "$work/$model.log" >&2; exit 1; }
done
url() { echo "http://127.0.0.1:${port[$1]}/plaintext"; }
with_wrk() { # model -> "p50_us per_second"
  wrk -t1 -c"$connections" -d"${seconds}s" --latency "$(url "$1")" | awk '
    $1=="50%" { v=$2; u=v; sub(/[0-9.]+/,"",u); sub(/[a-z]+/,"",v); if(u=="ms") v*=1000; if(u=="s") v*=1e6; p=v }
    /^Requests\/sec/ { r=$2 } /Socket errors|Non-2xx/ { bad=$0 }
    END { if (bad != "" || p <= 0 || r <= 0) { print "wrk.sh: wrk says no good figures: p50 " p ", rate " r bad >"/dev/stderr"; exit 1 } print p, r }'
}
with_ancmbench() {
  "$work/ancmbench" load "$(url "$1")" -c "$connections" -d "${seconds}s" --json |
    python3 -c 'import json,sys; d=json.load(sys.stdin); print(d["service"]["p50"]*1e6, d["rate"])'
}
for round in 1 2 3; do
  for model in in-process out-of-process; do
    for tool in wrk ancmbench ancmbench wrk; do
      figures=$(with_$tool $model) # by itself, lest echo hides that it failed
      echo "$model $tool $figures"
    done
  done
done | tee "$work/rows" >&2
python3 - "$work/rows" <<'P'
import statistics, sys
rows = {}
for line in open(sys.argv[1]):
    model, tool, p50, rate = line.split()
    rows.setdefault((model, tool), []).append((float(p50), float(rate)))
m = {k: [statistics.median(x[i] for x in v) for i in (0, 1)] for k, v in rows.items()}
print(f"{'model':16}{'p50 wrk':>12}{'ancmbench':>12}{'ratio':>8}{'req/s wrk':>12}{'ancmbench':>12}")
for model in ("in-process", "out-of-process"):
    w, a = m[model, "wrk"], m[model, "ancmbench"]
    print(f"{model:16}{w[0]:10.0f}us{a[0]:10.0f}us{a[0]/w[0]:8.2f}{w[1]:12.0f}{a[1]:12.0f}")
r = [m["in-process", t][1] / m["out-of-process", t][1] for t in ("wrk", "ancmbench")]
print(f"throughput, in-process / out-of-process: wrk {r[0]:.2f}, ancmbench {r[1]:.2f}")
P
