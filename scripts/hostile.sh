#!/usr/bin/env bash
# Tests every front and model with hostile input, for longer than CI does: each request
# cut in up to 400 places, 60,000 mutations of the requests, 200 kills and 1,000 clients
# that disconnect under load. Then it runs each fuzz target for a while.
#
#   scripts/hostile.sh [SEED [FUZZ]]    SEED is a number, by default the day's;
#                                       FUZZ is how long each target runs, by default 1m
#
# A failure prints its seed, and the same seed repeats it. Takes about 15 minutes. Load
# goes to loopback only. If nginx is installed, its answers are compared with ours.
set -euo pipefail
cd "$(dirname "$0")/.."
seed=${1:-$(date -u +%Y%m%d)} fuzz=${2:-1m}
echo "seed $seed"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# ran NAME...: checks that the tests ran, because go test succeeds even if no test matches.
ran() {
  local name
  for name; do
    grep -q -- "^--- PASS: $name " "$log" || { echo "hostile.sh: $name did not run, or did not pass" >&2; exit 1; }
  done
}

HOSTILE_SEED=$seed HOSTILE_SPLITS=400 HOSTILE_MUTATIONS=60000 HOSTILE_KILLS=200 HOSTILE_BREAKS=1000 \
  go test -count=1 -timeout 1h -v ./models/hostile | tee "$log" | grep -v '^=== \|^    ---' || true
grep -q '^ok ' "$log" || { echo "hostile.sh: a test failed" >&2; exit 1; }
ran TestRequests TestSplits TestAnswers TestStreams TestBrokenOff TestUnreadBodies TestMutations TestKillsAndBrokenOff
if command -v nginx >/dev/null || [[ -x /usr/sbin/nginx ]]; then ran TestAgainstNginx; fi

while read -r package target; do
  echo "== $package $target"
  # Do not minimise inputs: with a server, the same bytes do not always take the same path.
  go test -run '^$' -fuzz "^$target\$" -fuzztime "$fuzz" -fuzzminimizetime 1x "./$package" | tee "$log"
  grep -q '^ok ' "$log" || exit 1
done <<'TARGETS'
models/httpsys/http1 FuzzRequest
models/httpsys/http1 FuzzResponse
models/httpsys/http1 FuzzChunked
models/hostile FuzzDowngrade
models/ancm FuzzAnswer
models/ancm FuzzRequest
TARGETS
echo "all passed"
