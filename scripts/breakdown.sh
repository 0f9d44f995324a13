#!/usr/bin/env bash
# Takes the loopback penalty apart, and checks the breakdown against an
# independent run of both models at the same rate: about a quarter of an hour.
#
#   scripts/breakdown.sh [OUT]      OUT defaults to results/breakdown-<time>
#
# Prints the breakdown and then the check; the exit code is the check's: 0 the two
# agree, 3 they do not, 4 no decision. Variables: LAUNCHES (12 and as many for the
# independent run), RATE (1000). Only a quiet machine says anything.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-results/breakdown-$(date -u +%Y%m%d-%H%M%S)}
launches=${LAUNCHES:-12} rate=${RATE:-1000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/ancmbench" ./cmd/ancmbench
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true

"$work/ancmbench" run --profile=breakdown --rate="$rate" --launches="$launches" --out="$out/breakdown"
# The same profile with two rungs: an independent run in all but the phases.
"$work/ancmbench" run --model=both --profile=breakdown --rate="$rate" --launches="$launches" --quiet --out="$out/both"
echo
"$work/ancmbench" report "$out/breakdown" --check="$out/both"
