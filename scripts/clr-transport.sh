#!/usr/bin/env bash
# clr-transport.sh [ROUNDS [REQUESTS]]: what the way from the front to the app's thread and
# back costs per small request over each transport, in CPU and in wake-ups, with 1, 8 and 64
# requests in flight: medians of 5 rounds, each beside a handler in Go that answers the same.
# A wake-up is a thread that had gone to sleep (a voluntary context switch). The managed half
# is a program in C, so that it costs next to nothing itself; .NET is not needed, but
# linux/amd64 and a C compiler are. Takes about three minutes. Where strace works, it counts
# the futex calls of one round of 20,000 requests, too.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go test -tags clr -c -o "$work/clr.test" ./models/ancm/clr
for ((i = 0; i < ${1:-5}; i++)); do
  "$work/clr.test" -test.run '^$' -test.bench Transport -test.benchtime "${2:-100000}x"
done | awk '
  /^BenchmarkTransport/ {
    split($1, part, "/"); sub(/-[0-9]+$/, "", part[3])
    for (i = 2; i < NF; i++) { if ($(i + 1) == "cpu-us/op") cpu = $i; if ($(i + 1) == "sleeps/op") sleeps = $i }
    if (part[2] == "go") { cpu0[part[3]] = cpu; sleeps0[part[3]] = sleeps; next }
    key = part[2] " " part[3]
    n[key]++; cpus[key, n[key]] = cpu - cpu0[part[3]]; woken[key, n[key]] = sleeps - sleeps0[part[3]]
  }
  function median(all, key,    i, j, x) {
    for (i = 1; i <= n[key]; i++) for (j = i + 1; j <= n[key]; j++)
      if (all[key, j] < all[key, i]) { x = all[key, i]; all[key, i] = all[key, j]; all[key, j] = x }
    return all[key, int((n[key] + 1) / 2)]
  }
  END {
    print "more than a handler in Go, per request (median of " n["rings 8"] " rounds)"
    print "transport  in flight      CPU  wake-ups"
    split("rings direct send", how, " "); split("1 8 64", many, " ")
    for (h = 1; h <= 3; h++) for (m = 1; m <= 3; m++) {
      key = how[h] " " many[m]
      printf "%-9s  %9s  %4.1f us  %8.2f\n", how[h], many[m], median(cpus, key), median(woken, key)
    }
  }'
if strace -f -c -e trace=futex -o "$work/none" true 2>/dev/null; then
  echo
  echo "futex calls per request, all of the process, client included (strace; 8 in flight)"
  for how in go rings direct send; do
    strace -f -c -e trace=futex -o "$work/calls" "$work/clr.test" -test.run '^$' -test.bench "Transport/$how/8\$" -test.benchtime 20000x >/dev/null
    awk -v how="$how" '$NF == "futex" { printf "%-9s  %.2f\n", how, $4 / 20000 }' "$work/calls"
  done
fi
