#!/usr/bin/env bash
# Compares the cost of the hop: CPU of the front process per request, for our
# out-of-process model and for nginx, HAProxy, a byte relay and
# httputil.ReverseProxy in front of the same app, at 8 and 64 keep-alive
# connections, the variants interleaved in one run.
#
#   scripts/peers.sh [FLAG...]      flags: scripts/peers.sh -h
#
# nginx and HAProxy come from the distribution's packages when that is allowed;
# without them the rest is measured, and the table says so. Load goes to loopback
# only. On a machine that does other things only the ratios mean something.
set -euo pipefail
cd "$(dirname "$0")/.."

have() { command -v "$1" >/dev/null || [[ -x /usr/sbin/$1 || -x /usr/local/sbin/$1 ]]; }
missing=() as=()
have nginx || missing+=(nginx-light)
have haproxy || missing+=(haproxy)
if ((${#missing[@]})) && command -v apt-get >/dev/null; then
  if ((EUID)); then as=(sudo -n); fi
  # Without starting a service: nothing of these but the program is wanted.
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null 2>&1 ||
    echo "could not install ${missing[*]}" >&2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/peers" ./scripts/peers
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
"$work/peers" "$@"
