#!/usr/bin/env bash
# Builds a release: a stripped binary for each system, the bill of materials of each (SPDX),
# the license, and the checksums of all of them. Two builds of the same commit by the same Go
# are the same bytes.
#
#   scripts/release.sh [OUT] [OS/ARCH...]     OUT defaults to dist, and the systems to all
#
# Needs Go, and a checkout with git so that the binaries know their version. Try the result on
# a machine without Go with scripts/release-check.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-dist}
systems=("${@:2}")
if ((${#systems[@]} == 0)); then systems=(linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64); fi
version=$(git describe --tags --always --dirty)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH CGO_ENABLED=0

mkdir -p "$out"
rm -f "$out"/ancmbench-* "$out/SHA256SUMS" # of an earlier release
for system in "${systems[@]}"; do
	os=${system%/*} arch=${system#*/}
	file=ancmbench-$version-$os-$arch
	if [[ $os == windows ]]; then file+=.exe; fi
	GOOS=$os GOARCH=$arch go build -trimpath -ldflags="-s -w -X main.release=$version" -o "$out/$file" ./cmd/ancmbench
	go run ./scripts/sbom "$out/$file" >"$out/$file.spdx.json"
	printf '%-44s %4d MB\n' "$file" "$(($(wc -c <"$out/$file") / 1000000))"
done
cp LICENSE "$out/ancmbench-$version-LICENSE"
(cd "$out" && sha256sum ancmbench-* >SHA256SUMS)
printf '%d files and SHA256SUMS in %s\n' "$(wc -l <"$out/SHA256SUMS")" "$out"
