#!/usr/bin/env bash
# Measures over network namespaces of this host, which stand for machines, what
# docs/machines.md shows:
#
#   bash scripts/machines.sh skew      how far apart 1 to 16 agents begin
#   bash scripts/machines.sh penalty   the loopback penalty on one machine and on four
#   bash scripts/machines.sh peak      the peak load of 'load' with 1 and 2 load agents
#   bash scripts/machines.sh all       all of them, in less than eight minutes
#   bash scripts/machines.sh docs      all of them, and puts what they print into docs/machines.md
#
# Needs root, and a machine that does nothing else. It leaves nothing behind. What
# namespaces of one host cannot show, it names in the end.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in
skew | penalty | peak | all | docs) ;;
*) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
if ((EUID)); then echo "network namespaces need root" >&2; exit 1; fi

work=$(mktemp -d)
name=ancm$$
agents=()

# down ends all agents and removes the machines.
down() {
  local p n
  for p in "${agents[@]}"; do kill "$p" 2>/dev/null || true; done
  wait
  agents=()
  for n in $(ip netns list | cut -d" " -f1 | grep "^$name-" || true); do ip netns del "$n"; done
}
trap 'down; rm -rf "$work"' EXIT

bin=$work/ancmbench
go build -o "$bin" ./cmd/ancmbench
version=$("$bin" --version | awk '{print $NF}')
"$bin" agents new-token "$work/t" >/dev/null

# at N COMMAND... runs a command on machine N; machine 0 is the coordinator's.
at() { local n=$1; shift; nsenter --net="/run/netns/$name-$n" "$@"; }

# begin N COMMAND... starts a command on machine N, which down ends. The shell of the
# background becomes the command, so that its id is the command's.
begin() {
  local n=$1
  shift
  (exec nsenter --net="/run/netns/$name-$n" "$@") &
  agents+=($!)
}

machines() { # N: makes machines 0 to N at 10.78.0.1 and following
  local i
  for ((i = 0; i <= $1; i++)); do
    ip netns add "$name-$i"
    at "$i" ip link set lo up
    if ((i == 0)); then
      at 0 ip link add br0 type bridge
      at 0 ip addr add 10.78.0.1/24 dev br0
      at 0 ip link set br0 up
      continue
    fi
    at 0 ip link add "m$i" type veth peer name eth0 netns "$name-$i"
    at 0 ip link set "m$i" master br0 up
    at "$i" ip addr add "10.78.0.$((i + 1))/24" dev eth0
    at "$i" ip link set eth0 up
  done
}

agent() { # N FLAGS...: starts an agent on machine N
  local n=$1
  shift
  # shellcheck disable=SC2086 # no word without a pin
  begin "$n" ${pin:+taskset -c $((n - 1))} "$bin" agent --join nats://10.78.0.1:4333 --token-file "$work/t" --quiet "$@"
}

cores=$(nproc)
pin= # not empty: an agent has the core with the number of its machine, less one

skew() {
  go build -o "$work/skew" ./scripts/skew
  machines 16
  local i
  for ((i = 1; i <= 16; i++)); do agent "$i" --load --allow-target 10.78.0.1; done
  at 0 "$work/skew" --listen 10.78.0.1:4333 --serve 10.78.0.1:8090 --token-file "$work/t" --version "$version"
}

# interval prints the 95 % interval of the ratio of the median in what run printed.
interval() { sed -n 's/^response p50 .*\[\([0-9.]*\), \([0-9.]*\)\].*/\1 \2/p' "$1"; }

penalty() {
  machines 3
  echo "== one machine"
  at 0 "$bin" run --model=both --profile=quick --launches=6 --seed=5 --out="$work/one" 2>"$work/said" | sed -n 1,16p | tee "$work/one.txt" || tail -n 3 "$work/said"
  agent 1 --serve
  agent 2 --load
  agent 3 --load
  echo "== four machines: coordinator, one serving, two load agents"
  at 0 "$bin" run --model=both --profile=quick --launches=6 --seed=5 --out="$work/four" \
    --listen 10.78.0.1:4333 --token-file "$work/t" --load-agents=2 --serve-agent=any 2>"$work/said" | sed -n 1,16p | tee "$work/four.txt" || tail -n 3 "$work/said"
  rm -rf "$work/one" "$work/four"
  echo "== the ratio of the median, 95 % intervals"
  { interval "$work/one.txt"; interval "$work/four.txt"; } | awk '
    { low[NR] = $1; high[NR] = $2 }
    END {
      if (NR != 2) { print "an interval is missing"; exit }
      printf "%s to %s on one machine, %s to %s on four: they %s\n", low[1], high[1], low[2], high[2],
        low[1] <= high[2] && low[2] <= high[1] ? "overlap" : "do not overlap"
    }'
}

peak() {
  machines 3
  if ((cores >= 3)); then pin=yes; fi
  begin 1 ${pin:+taskset -c 0} "$bin" serve --model=in-process --listen 10.78.0.2:8080 --quiet >/dev/null 2>&1
  if [[ ! $pin ]]; then echo "the server shares $cores cores with all agents"; else echo "the server and each agent have a core of their own"; fi
  local k
  for k in 1 2; do
    agent 2 --load --allow-target 10.78.0.2
    if ((k == 2)); then agent 3 --load --allow-target 10.78.0.2; fi
    echo "== $k load agents"
    at 0 "$bin" load http://10.78.0.2:8080/plaintext -c 16 -d 5s --listen 10.78.0.1:4333 --token-file "$work/t" --load-agents $k 2>"$work/said" | sed -n '1,/^$/p;/load host/,/^$/p'
  done
}

unshown() {
  echo "== not shown here"
  echo "real network cards, switches and cables: the machines are namespaces of this host"
  echo "real clocks that differ: all machines have this host's, so that every true offset is 0"
  if ((cores < 3)); then echo "a second load agent that brings more: with $cores cores, server and agents share them"; fi
  if ((cores < 4)); then echo "a server that no generator disturbs: with $cores cores, they share them"; fi
  echo "a cluster of Kubernetes"
}

# into HEADING puts standard input into the first code block after a heading of the page.
into() {
  cat >"$work/block"
  awk -v heading="## $1" -v block="$work/block" '
    $0 == heading { on = 1 }
    on == 1 && /^```$/ { print; while ((getline line < block) > 0) print line; on = 2; next }
    on == 2 && /^```$/ { on = 0 }
    on != 2 { print }' docs/machines.md >"$work/page"
  cp "$work/page" docs/machines.md
}

case $1 in
all)
  for part in skew penalty peak; do echo "=== $part"; "$part"; down; done
  unshown
  ;;
docs)
  # Not through a pipe: down must know what each has begun.
  skew >"$work/skew.txt"; down; cat "$work/skew.txt"
  penalty >"$work/penalty.txt"; down; cat "$work/penalty.txt"
  peak >"$work/peak.txt"; down; cat "$work/peak.txt"
  into "How far apart agents begin" <"$work/skew.txt"
  into "The penalty on one machine and on four" <"$work/penalty.txt"
  into "Peak load with one and with two agents" <"$work/peak.txt"
  unshown
  ;;
*) "$1"; down; unshown ;;
esac
