#!/usr/bin/env bash
# clr-messages.sh [N]: sends N messages (100,000,000) between Go and the thread that calls
# the runtime, and fails if one is lost. It needs linux/amd64 and a C compiler, and no .NET.
set -euo pipefail
cd "$(dirname "$0")/.."
go test -tags clr ./models/ancm/clr -run '^$' -bench Messages -benchtime "${1:-100000000}x" -timeout 60m
