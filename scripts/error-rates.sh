#!/usr/bin/env bash
# How often is the gate wrong? Records fresh starts of two copies of one thing (A/A)
# in the gate's own design, takes 10,000 pseudo-runs drawn from them through the
# gate, with nothing and with +5 % injected, judges the recording itself stretch by
# stretch, and writes the tables into docs/method.md.
#
#   scripts/error-rates.sh [--launches 120]             two copies of the model direct
#   scripts/error-rates.sh --inject 5% --metric p50     one side truly worse (p50, p90, cpu)
#   scripts/error-rates.sh --launches 0                 only the tables, from what is recorded
#
# What is recorded is appended to reports/gate/testdata after every batch of five fresh
# starts (about 80 s), so that a run that is stopped loses one batch at most; run
# again it goes on until there are enough. All flags: scripts/error-rates.sh -h
#
# Load goes to loopback only. On a machine that does other things the recording says
# how often the gate is wrong there.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/ancmbench" ./cmd/ancmbench
go build -o "$work/error-rates" ./scripts/error-rates
"$work/error-rates" --ancmbench "$work/ancmbench" --work "$work" "$@"
