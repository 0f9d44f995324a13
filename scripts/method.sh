#!/usr/bin/env bash
# Shows how the designs of a comparison agree: slices of 20 ms to 1 s, continuous phases in
# mirrored blocks, and request by request. It measures both hosting models and servers
# with a queue, and how background work of one side affects the other. Takes about 20
# minutes on two quiet cores.
#
#   scripts/method.sh [FLAG...]      flags: scripts/method.sh -h
#
# Measurements are kept in docs/method/cells.jsonl, one line per case and fresh start, and
# are not repeated. Then the tables between the markers in docs/method.md are written
# again. Load goes to loopback only.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/method" ./scripts/method
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
"$work/method" "$@"
