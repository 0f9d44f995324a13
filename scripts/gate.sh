#!/usr/bin/env bash
# The live gate of this project: did the loopback hop, or the server, get slower since
# BASE? It builds both revisions and compares them request by request, in one job on one
# machine.
#
#   scripts/gate.sh [BASE [FLAG...]]      BASE is a git revision, by default origin/main
#
#   MODEL=out-of-process scripts/gate.sh  the model that is served (the default)
#   scripts/gate.sh HEAD~3 --launches 12 --metric p50
#   scripts/gate.sh --help
#
# FLAGs go to 'ancmbench gate' (see 'ancmbench gate --help'). The head is the working
# tree, including uncommitted changes; the ancmbench that measures both is built from
# it too. Exit codes are the gate's: 0 pass, 1 tool error, 2 usage,
# 3 invalid, 4 no decision, 99 worse, 130 interrupted.
#
# Takes 1 to 6 minutes on a machine that does nothing else. It is not part of .ci/run,
# because a statistical gate is sometimes wrong by construction.
set -euo pipefail
case ${1-} in
  -h | --help)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
    exit 0
    ;;
esac
cd "$(dirname "$0")/.."
base=origin/main
if (($#)) && [[ $1 != -* ]]; then
  base=$1
  shift
fi
model=${MODEL:-out-of-process}
work=$(mktemp -d)
trap 'rm -rf "$work" .gate' EXIT
go build -o "$work/ancmbench" ./cmd/ancmbench
# Git ignores the build's output folder in both trees.
"$work/ancmbench" gate --base-rev "$base" \
  --build 'go build -o .gate/ancmbench ./cmd/ancmbench' \
  --start "exec .gate/ancmbench serve --model=$model --listen=127.0.0.1:{port}" \
  --path /plaintext "$@"
