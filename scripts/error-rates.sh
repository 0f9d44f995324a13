#!/usr/bin/env bash
# How often is the gate wrong? Records fresh starts of two copies of the same target (A/A)
# in the gate's own design. Then it draws 10,000 pseudo-runs from them and lets the gate
# judge them, with nothing and with +5 % injected. It also judges the recording itself,
# part by part, and writes the tables into docs/method.md.
#
#   scripts/error-rates.sh [--launches 120]             two copies of the model direct
#   scripts/error-rates.sh --inject 5% --metric p50     one side truly worse (p50, p90, cpu)
#   scripts/error-rates.sh --launches 0                 only the tables, from the recordings
#
# Recordings are appended to reports/gate/testdata after every batch of five fresh
# starts (about 80 s), so a stopped run loses one batch at most. Run it again to continue
# until there are enough. All flags: scripts/error-rates.sh -h
#
# Load goes to loopback only. On a machine that does other things, the rates are those of
# that noisy machine.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/ancmbench" ./cmd/ancmbench
go build -o "$work/error-rates" ./scripts/error-rates
"$work/error-rates" --ancmbench "$work/ancmbench" --work "$work" "$@"
