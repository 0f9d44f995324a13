#!/usr/bin/env bash
# Shows how the designs of a comparison agree, with real figures from both hosting
# models: slices of 20 ms to 1 s, continuous phases in mirrored blocks, and
# request by request; on queueing servers; and what work left behind by one side
# does to the other. About 20 minutes on two quiet cores.
#
#   scripts/method.sh [FLAG...]      flags: scripts/method.sh -h
#
# What was measured stays in docs/method/cells.jsonl, one line per case and fresh
# start; what is there is not measured again. Then the tables between the markers
# in docs/method.md are written anew. Load goes to loopback only.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/method" ./scripts/method
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
"$work/method" "$@"
