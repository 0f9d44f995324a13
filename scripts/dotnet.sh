#!/usr/bin/env bash
# Measures the reference app in C# directly, in-process and out-of-process: profiles standard,
# curve, breakdown, and dotnet-settings with both modes of the garbage collector. Then it writes the
# tables between the markers in docs/dotnet.md again.
# Takes about two hours on two quiet cores, or MINUTES; load goes to loopback only.
#
#   scripts/dotnet.sh [OUT]               OUT defaults to results/dotnet-<time>
#   scripts/dotnet.sh --publish FOLDER    only publishes the reference app to FOLDER
#   scripts/dotnet.sh --tables OUT        only writes the tables again, of what is in OUT
#
# Needs the SDK of .NET 10 (DOTNET_ROOT, or dotnet in PATH), and for in-process a C compiler on
# linux/amd64: without one the target is left out. Variables: STEPS ("standard settings
# curve breakdown"), LAUNCHES (the profiles'), MINUTES (for all steps together: each makes as many
# fresh starts as its share allows). Runs that are in OUT already are not repeated.
set -euo pipefail
cd "$(dirname "$0")/.."

dotnet=${DOTNET_ROOT:+$DOTNET_ROOT/}dotnet
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# publish FOLDER publishes a copy of the app's source, without network.
publish() {
  mkdir -p "$work/none"
  cp -r models/dotnet/app "$work/app"
  DOTNET_CLI_HOME=$work NUGET_PACKAGES=$work/packages "$dotnet" publish "$work/app" -c Release -o "$1" \
    --source "$work/none" -nodeReuse:false -p:UseSharedCompilation=false -p:NuGetAudit=false
}

# tables OUT writes what the runs in OUT say into docs/dotnet.md.
tables() {
  local name
  for name in standard settings/workstation-gc settings/server-gc settings.txt curve breakdown; do
    if [[ $name == settings.txt && -s $1/settings.txt ]]; then
      # shellcheck disable=SC2016 # the fence of a block
      printf '\n**Profile dotnet-settings: each row in every target alike**\n\n```\n%s\n```\n' "$(sed '/^reports /,$d' "$1/settings.txt")"
      continue
    fi
    [[ -s $1/$name/result.json ]] || continue
    printf '\n**%s** (%s)\n\n' "$(title "$name")" "$("$work/ancmbench" report "$1/$name" --json | subject)"
    # The tables and what is said of them, without warnings.
    "$work/ancmbench" report "$1/$name" --markdown | sed -e '/^### /d' -e '/^- /,$d'
  done >"$work/tables"
  if [[ ! -s $work/tables ]]; then echo "no run in $1" >&2; return 1; fi
  sed -e "/<!-- results: scripts\/dotnet.sh -->/r $work/tables" \
    -e '/<!-- results: scripts\/dotnet.sh -->/,/<!-- end of results -->/{/<!--/!d}' docs/dotnet.md >"$work/page"
  cp "$work/page" docs/dotnet.md
}

title() {
  case $1 in
  standard) echo 'Profile standard, as published' ;;
  settings/workstation-gc) echo 'Garbage collector: workstation, in every target' ;;
  settings/server-gc) echo 'Garbage collector: server, in every target' ;;
  curve) echo 'Profile curve' ;;
  breakdown) echo 'Profile breakdown' ;;
  esac
}

# subject takes the subject out of a report in JSON.
subject() { sed -n 's/^ *"subject": "\(.*\)",$/\1/p' | head -1; }

if [[ ${1:-} == --publish ]]; then
  publish "$(realpath -m "${2:?the folder to publish to}")"
  exit
fi

tag=()
if [[ $(uname -sm) == 'Linux x86_64' ]] && command -v "${CC:-cc}" >/dev/null; then tag=(-tags clr); fi
go build ${tag[@]+"${tag[@]}"} -o "$work/ancmbench" ./cmd/ancmbench
if [[ ${1:-} == --tables ]]; then
  tables "${2:?the folder of the runs}"
  exit
fi

out=$(realpath -m "${1:-results/dotnet-$(date -u +%Y%m%d-%H%M%S)}")
publish "$work/publish"
PATH=$(dirname "$(realpath "$(command -v "$dotnet")")"):$PATH
export PATH
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true

steps=${STEPS:-standard settings curve breakdown}

# share PARTS returns how long a run may take that is so many parts of all steps: a duration.
share() {
  local step all=0
  for step in $steps; do all=$((all + parts[$step])); done
  echo "$((MINUTES * 60 * $1 / all))s"
}
declare -A parts=([standard]=4 [settings]=6 [curve]=5 [breakdown]=3)

# measure NAME PROFILE PARTS makes a run, unless there is one. The profile is given as a file:
# its requests are then those of the app that it is for.
measure() {
  if [[ -e $out/$1/result.json ]]; then echo "$1 is there"; return; fi
  "$work/ancmbench" run --app="$work/publish" --profile="$2" ${LAUNCHES:+--launches="$LAUNCHES"} ${MINUTES:+--max-time="$(share "$3")"} --out="$out/$1"
}

for step in $steps; do
  case $step in
  standard | curve | breakdown)
    # In a short time more fresh starts say more than a twin of the baseline.
    "$work/ancmbench" profiles "$step" | sed ${MINUTES:+-e 's/^twin: true/twin: false/'} -e '' >"$work/$step.yaml"
    measure "$step" "$work/$step.yaml" "${parts[$step]}"
    ;;
  settings)
    if [[ -e $out/settings.txt ]]; then echo 'settings is there'; continue; fi
    "$work/ancmbench" profiles dotnet-settings >"$work/settings.yaml"
    measure settings "$work/settings.yaml" $((parts[settings] / 6)) | tee "$work/settings.txt" # six runs
    cp "$work/settings.txt" "$out/settings.txt"
    ;;
  *)
    echo "no step $step" >&2
    exit 2
    ;;
  esac
done
tables "$out"
