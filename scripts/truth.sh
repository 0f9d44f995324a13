#!/usr/bin/env bash
# Compares the wire engine's results with servers whose delays are known: the servers' own
# logs are the reference. Prints each quantile beside its reference, and what wrk and a
# capped vegeta report of the same stalls.
#
#   scripts/truth.sh
#
# wrk comes from the distribution's packages. Load goes to loopback only. The
# bounds are for a machine that does nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v wrk >/dev/null || apt-get install -y -qq --no-install-recommends wrk >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/truth" ./scripts/truth
if (($(nproc) < 2)); then
  echo "the server spins on a core of its own: this needs two" >&2
  exit 1
fi
taskset -c 1 "$work/truth"
