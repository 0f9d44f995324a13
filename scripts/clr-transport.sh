#!/usr/bin/env bash
# clr-transport.sh [ROUNDS [REQUESTS]]: what the way from the front to the app's thread and
# back costs in CPU per small request, at 8 and at 64 connections, over each transport:
# medians of 7 rounds, each beside a handler in Go that answers the same. The managed half
# is a program in C, so that it costs next to nothing itself; .NET is not needed, but
# linux/amd64 and a C compiler are.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go test -tags clr -c -o "$work/clr.test" ./models/ancm/clr
for ((i = 0; i < ${1:-7}; i++)); do
  "$work/clr.test" -test.run '^$' -test.bench Transport -test.benchtime "${2:-200000}x"
done | awk '
  /^BenchmarkTransport/ {
    split($1, part, "/"); sub(/-[0-9]+$/, "", part[3])
    for (i = 2; i < NF; i++) if ($(i + 1) == "cpu-us/op") value = $i
    if (part[2] == "go") { base[part[3]] = value; next }
    key = part[2] " " part[3]
    n[key]++; all[key, n[key]] = value - base[part[3]]
  }
  END {
    print "transport  connections  CPU of the transport, us per request (median of " n["rings 8"] " rounds)"
    split("rings direct send", how, " "); split("8 64", many, " ")
    for (h = 1; h <= 3; h++) for (m = 1; m <= 2; m++) {
      key = how[h] " " many[m]
      for (i = 1; i <= n[key]; i++) for (j = i + 1; j <= n[key]; j++)
        if (all[key, j] < all[key, i]) { x = all[key, i]; all[key, i] = all[key, j]; all[key, j] = x }
      printf "%-9s  %11s  %.1f\n", how[h], many[m], all[key, int((n[key] + 1) / 2)]
    }
  }'
