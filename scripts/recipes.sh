#!/usr/bin/env bash
# Runs every embedded profile of servers of the machine, and puts what it prints into its page in
# docs/recipes and, for hops, into README.md. Then it compares the throughput ratio of Node and
# nginx -> Node by wrk with ours on the same pair.
#
#   scripts/recipes.sh [--launches=N] [PROFILE...|wrk]      without a name: all of them, and wrk
#
# What is not installed is named and left out. Load goes to loopback only. The figures mean
# something on a machine that does nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin
flags=()
if [[ ${1-} == --launches=* ]]; then flags=("$1"); shift; fi
names=("$@")
if ((${#names[@]} == 0)); then
  names=(nginx-node haproxy-node apache-node caddy-node nginx-unix-node nginx-gunicorn hops wrk)
fi
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$work"' EXIT
go build -o "$work/ancmbench" ./cmd/ancmbench

# lacks prints the programs that a profile needs and that are not here.
lacks() {
  local program
  for program in $("$work/ancmbench" profiles "$1" | sed -n 's/^needs: \[\(.*\)\]$/\1/p' | tr -d ,); do
    command -v "$program" >/dev/null || printf ' %s' "$program"
  done
}

# put FILE PROFILE OUTPUT replaces the block of text after the command that runs the profile.
put() {
  python3 - "$@" <<'P'
import re, sys
file, profile, output = sys.argv[1:]
text, out = open(file).read(), open(output).read().strip("\n")
new, n = re.subn(r"(```sh[^\n]*\nancmbench run --profile=%s\n```\n\n```text\n).*?(```\n)" % re.escape(profile),
                 lambda m: m[1] + out + "\n" + m[2], text, count=1, flags=re.S)
if n != 1:
    sys.exit(f"recipes.sh: {file} has no block of output after ancmbench run --profile={profile}")
open(file, "w").write(new)
P
}

recipe() { # PROFILE
  local missing
  missing=$(lacks "$1")
  if [[ $missing ]]; then echo "$1: not run, for want of$missing"; return; fi
  "$work/ancmbench" run --profile="$1" ${flags[@]+"${flags[@]}"} --out="$work/$1" >"$work/$1.all" ||
    { code=$?; cat "$work/$1.all"; echo "recipes.sh: $1 ended with exit code $code" >&2; ((code == 3)) || return "$code"; }
  # Where the files of this run lie is of no use to a reader.
  grep -vF "$work" "$work/$1.all" >"$work/$1.text"
  cat "$work/$1.text"
  put "docs/recipes/$1.md" "$1" "$work/$1.text"
  if [[ $1 == hops ]]; then put README.md hops "$work/$1.text"; fi
}

# file NAME prints a file of the profile nginx-node.
file() {
  "$work/ancmbench" profiles nginx-node | awk -v name="      $1: |" '
    $0 == name { on = 1; next } on && !/^        / { exit } on { print substr($0, 9) }'
}

by_wrk() {
  local program tool at node=18091 nginx=18092
  for program in nginx node wrk curl; do
    command -v "$program" >/dev/null || { echo "wrk: not run, for want of $program"; return; }
  done
  mkdir "$work/pair"
  file app.js >"$work/pair/app.js"
  file nginx.conf | sed "s/{listen}/127.0.0.1:$nginx/; s/{upstream}/127.0.0.1:$node/" >"$work/pair/nginx.conf"
  node "$work/pair/app.js" $node 127.0.0.1 &
  nginx -p "$work/pair" -c "$work/pair/nginx.conf" -e stderr &
  for at in $node $nginx; do
    curl -fsS --retry 50 --retry-connrefused --retry-delay 1 -o /dev/null "http://127.0.0.1:$at/"
  done
  for _ in 1 2 3; do
    for tool in wrk ours ours wrk; do
      for at in $node $nginx; do
        if [[ $tool == wrk ]]; then
          wrk -t1 -c8 -d3s "http://127.0.0.1:$at/" | awk -v at=$at '/^Requests\/sec/ { print "wrk", at, $2 }'
        else
          "$work/ancmbench" load "http://127.0.0.1:$at/" -c 8 -d 3s --json |
            python3 -c 'import json, sys; print("ancmbench", sys.argv[1], json.load(sys.stdin)["rate"])' $at
        fi
      done
    done
  done >"$work/rows"
  python3 - "$work/rows" $node $nginx <<'P'
import statistics, sys
rows, (node, nginx) = {}, sys.argv[2:]
for line in open(sys.argv[1]):
    tool, at, rate = line.split()
    rows.setdefault((tool, at), []).append(float(rate))
m = {k: statistics.median(v) for k, v in rows.items()}
print(f"{'req/s, 8 connections':22}{'node':>10}{'nginx':>10}{'ratio':>8}")
ratio = {t: m[t, nginx] / m[t, node] for t in ("wrk", "ancmbench")}
for t, r in ratio.items():
    print(f"{t:22}{m[t, node]:10.0f}{m[t, nginx]:10.0f}{r:8.3f}")
apart = ratio["ancmbench"] / ratio["wrk"] - 1
print(f"the ratios differ by {apart:+.1%}; at most 10 % is asked for")
sys.exit(abs(apart) > 0.1)
P
}

for name in "${names[@]}"; do
  if [[ $name == wrk ]]; then by_wrk; else printf '\n== %s\n' "$name"; recipe "$name"; fi
done
