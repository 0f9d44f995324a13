#!/usr/bin/env bash
# clr-stress.sh [DURATION] [TRANSPORT] [STARTS]: an app of .NET in-process under stress, for
# 20m in all, over rings, direct or send, in 24 fresh starts. Both runtimes collect without a
# pause; clients and the app break off; signals come; nil dereferences are recovered in Go and
# in .NET; threads end; programs start. In every first start the worker is recycled, killed
# and told to end at any moment; in every second it stays, and what it holds is counted when
# it is quiet: descriptors, sockets, threads, requests, pinned objects, managed memory. It
# fails at a wrong byte, at a leak, and when a worker ends that nobody has ended. It needs
# linux/amd64, a C compiler and the SDK of .NET 10.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r models/dotnet/testdata/faults "$work/source"
mkdir "$work/none"
(cd "$work/source" && DOTNET_CLI_HOME=$work NUGET_PACKAGES=$work/packages "${DOTNET_ROOT:+$DOTNET_ROOT/}dotnet" publish -c Release -o "$work/app" \
  --source "$work/none" -nodeReuse:false -p:UseSharedCompilation=false -p:NuGetAudit=false) >"$work/log" || { cat "$work/log"; exit 1; }
go build -tags clr -o "$work/clrstress" ./scripts/clrstress
"$work/clrstress" -app "$work/app" -for "${1:-20m}" -transport "${2:-rings}" -starts "${3:-24}"
