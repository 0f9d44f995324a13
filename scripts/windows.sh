#!/usr/bin/env bash
# Builds for Windows and hosts the models under Wine: the tests of hosting on
# Windows, then a short run of both models from start to report, then a look for
# what was left. About a minute.
#
#   scripts/windows.sh [OUT]      OUT defaults to a folder that is removed
#
# Needs Wine for x86-64 (Debian: wine64). Exit codes: the run's, 77 without Wine,
# 1 if a test fails or something is left. The figures are of Wine on this host, and say nothing
# about Windows.
set -euo pipefail
cd "$(dirname "$0")/.."

wine=${WINE:-}
for w in wine64 wine /usr/lib/wine/wine64; do
	[ -n "$wine" ] || wine=$(command -v "$w" || true)
done
[ -n "$wine" ] || { echo "windows.sh: wine64 is not installed" >&2; exit 77; }

work=$(mktemp -d)
export WINEPREFIX=$work/prefix WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
# wineserver is this prefix's own and stays for a while otherwise.
server=$(command -v wineserver || echo /usr/lib/wine/wineserver)
trap '"$server" -k 2>/dev/null || true; rm -rf "$work"' EXIT

GOOS=windows GOARCH=amd64 go build -o "$work/ancmbench.exe" ./cmd/ancmbench
"$wine" wineboot -i >"$work/wineboot.log" 2>&1
dll=$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll
[ -e "$dll" ] || go run ./scripts/windows "$dll"

for package in models models/internal/proctree; do
	GOOS=windows GOARCH=amd64 go test -c -o "$work/test.exe" "./$package"
	(cd "$package" && "$wine" "$work/test.exe" -test.v -test.timeout=5m -test.run=OnWindows) | tee "$work/tests" || exit 1
	# A program that has no such test ends well too.
	grep -q '^--- PASS: .*OnWindows' "$work/tests" || { echo "windows.sh: no test of $package ran" >&2; exit 1; }
done
# A parent that was killed, as one of the tests does, cannot remove its copy of the
# program (README, limits). What is looked for below is the run's.
find "$WINEPREFIX/drive_c/users" -name 'ancmbench-*' -prune -exec rm -rf {} +

out=${1:-$work/out}
mkdir -p "$(dirname "$out")"
code=0
"$wine" "$work/ancmbench.exe" run --model=both --launches=2 --duration=1s --rate=50 --max-time=30s \
	--out="Z:$(realpath -m "$out" | tr / '\\')" || code=$?

left=$(find "$WINEPREFIX/drive_c/users" -name 'ancmbench-*' 2>/dev/null; pgrep -f 'users.*ancmbench-.*ancmbench[.]exe' || true)
if [ -n "$left" ]; then
	echo "windows.sh: left: $left" >&2
	exit 1
fi
exit "$code"
