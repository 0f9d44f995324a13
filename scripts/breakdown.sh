#!/usr/bin/env bash
# Measures the parts of the loopback penalty, and checks their sum against an
# independent run of both models at the same rate. Takes about a quarter of an hour.
#
#   scripts/breakdown.sh [OUT]      OUT defaults to results/breakdown-<time>
#
# Prints the breakdown and then the check. The exit code is the check's: 0 if the two
# agree, 3 if they do not, 4 if no decision is possible. Variables: LAUNCHES (12, and as
# many for the independent run), RATE (1000). The figures need a quiet machine.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-results/breakdown-$(date -u +%Y%m%d-%H%M%S)}
launches=${LAUNCHES:-12} rate=${RATE:-1000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/ancmbench" ./cmd/ancmbench
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true

"$work/ancmbench" run --profile=breakdown --rate="$rate" --launches="$launches" --out="$out/breakdown"
# The same phases with two models only, as an independent run.
"$work/ancmbench" run --model=both --profile=breakdown --rate="$rate" --launches="$launches" --quiet --out="$out/both"
echo
"$work/ancmbench" report "$out/breakdown" --check="$out/both"
