#!/usr/bin/env bash
# Measures over network namespaces of this host, which stand for machines, what
# docs/machines.md shows:
#
#   bash scripts/machines.sh skew      how far apart 1 to 16 agents begin
#   bash scripts/machines.sh penalty   the loopback penalty on one machine and on four
#   bash scripts/machines.sh peak      the peak load of 'load' with 1 and 2 load agents
#
# Needs root. It leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
name=ancm$$
agents=()
trap 'for p in "${agents[@]}"; do kill "$p" 2>/dev/null || true; done; wait; for n in $(ip netns list | cut -d" " -f1 | grep "^$name-" || true); do ip netns del "$n"; done; rm -rf "$work"' EXIT

bin=$work/ancmbench
go build -o "$bin" ./cmd/ancmbench
version=$("$bin" --version | awk '{print $NF}')
"$bin" agents new-token "$work/t" >/dev/null

# at N COMMAND... runs a command on machine N; machine 0 is the coordinator's.
at() { local n=$1; shift; nsenter --net="/run/netns/$name-$n" "$@"; }

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
  at "$n" "$bin" agent --join nats://10.78.0.1:4333 --token-file "$work/t" --quiet "$@" &
  agents+=($!)
}

skew() {
  go build -o "$work/skew" ./scripts/skew
  machines 16
  local i
  for ((i = 1; i <= 16; i++)); do agent "$i" --load --allow-target 10.78.0.1; done
  at 0 "$work/skew" --listen 10.78.0.1:4333 --serve 10.78.0.1:8090 --token-file "$work/t" --version "$version"
}

penalty() {
  machines 3
  echo "== one machine"
  at 0 "$bin" run --model=both --profile=quick --launches=6 --seed=5 --out="$work/one" 2>/dev/null | sed -n 1,16p
  agent 1 --serve
  agent 2 --load
  agent 3 --load
  echo "== four machines: coordinator, one serving, two load agents"
  at 0 "$bin" run --model=both --profile=quick --launches=6 --seed=5 --out="$work/four" \
    --listen 10.78.0.1:4333 --token-file "$work/t" --load-agents=2 --serve-agent=any 2>/dev/null | sed -n 1,16p
}

peak() {
  machines 3
  at 1 "$bin" serve --model=in-process --listen 10.78.0.2:8080 --quiet >/dev/null 2>&1 &
  agents+=($!)
  local k
  for k in 1 2; do
    agent 2 --load --allow-target 10.78.0.2
    if ((k == 2)); then agent 3 --load --allow-target 10.78.0.2; fi
    echo "== $k load agents"
    at 0 "$bin" load http://10.78.0.2:8080/plaintext -c 16 -d 5s --listen 10.78.0.1:4333 --token-file "$work/t" --load-agents $k 2>/dev/null | sed -n '1,/^$/p;/load host/,/^$/p'
  done
}

case ${1:-} in
skew | penalty | peak) "$1" ;;
*) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
