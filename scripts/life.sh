#!/usr/bin/env bash
# Takes a site through start, load, recycle, offline, stop and kill, with clients of
# every kind. Prints the lost requests, the apps that were told to end, and the processes
# that were left.
#   scripts/life.sh [rounds]     default 3
set -euo pipefail
cd "$(dirname "$0")/.."
exec go run ./scripts/life -rounds "${1:-3}"
