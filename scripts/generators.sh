#!/usr/bin/env bash
# Compares the cost of load generators side by side, against nginx on this machine:
# processor time and system calls per request, memory, and what one generator needs for
# 20,000 open connections.
#
#   scripts/generators.sh [SECONDS [RUNS]]
#
# On two cores, nginx gets the first and the generators the second, so that the scheduler
# does not influence the comparison; PIN=0 lets the scheduler choose.
#
# nginx, wrk, hey and h2load come from the distribution's packages, vegeta is the
# library in go.mod. Load goes to loopback only. On a machine that does other things the
# figures mean little; only system calls per request are nearly unaffected.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-4} runs=${2:-8} connections=64 port=${PORT:-18780}

want() { command -v "$1" >/dev/null || missing+=("$2"); }
missing=()
want nginx nginx-light
want wrk wrk
want hey hey
want h2load nghttp2-client
if ((${#missing[@]})); then
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    echo "not to be had here: ${missing[*]}" >&2
fi

work=$(mktemp -d)
nginx_pid=
stop() {
  [[ -z $nginx_pid ]] || kill "$nginx_pid" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap stop EXIT
go build -o "$work/generators" ./scripts/generators
ulimit -n 50000 2>/dev/null || ulimit -n "$(ulimit -Hn)"
cat >"$work/nginx.conf" <<CONF
worker_processes 1;
worker_rlimit_nofile $(ulimit -n);
daemon off;
pid $work/pid;
error_log $work/error.log;
events { worker_connections $(($(ulimit -n) - 100)); }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  client_body_temp_path $work/body;
  proxy_temp_path $work/proxy;
  fastcgi_temp_path $work/fastcgi;
  uwsgi_temp_path $work/uwsgi;
  scgi_temp_path $work/scgi;
  server {
    listen 127.0.0.1:$port backlog=4096;
    default_type text/plain;
    location / { return 200 "Hello, world!\n"; }
  }
}
CONF
on_first=() on_second=()
if (($(nproc) >= 2)) && [[ ${PIN:-1} != 0 ]] && command -v taskset >/dev/null; then
  on_first=(taskset -c 0) on_second=(taskset -c 1)
  echo "nginx on core 0, generators on core 1"
fi
"${on_first[@]}" nginx -c "$work/nginx.conf" -p "$work" 2>"$work/nginx.err" &
nginx_pid=$!
for _ in {1..100}; do
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
  kill -0 "$nginx_pid" || { cat "$work/nginx.err" >&2; exit 1; }
  sleep 0.05
done

nginx -v 2>&1
"${on_second[@]}" "$work/generators" -url "http://127.0.0.1:$port/" -connections "$connections" -duration "${seconds}s" -runs "$runs"
echo
many=20000
if (($(ulimit -n) < many + 500)); then
  many=$(($(ulimit -n) - 500))
  echo "only $many connections: the limit of open files is $(ulimit -n)"
fi
"$work/generators" child many -url "http://127.0.0.1:$port/" -connections "$many" -duration "${seconds}s"
