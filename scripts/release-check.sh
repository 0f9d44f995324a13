#!/usr/bin/env bash
# Tries a release on a machine that has nothing but a bare Debian: no Go, no compiler, no
# curl. It checks the sums, runs both models, makes the report again, and runs the steps of
# action.yml, as a workflow would.
#
#   scripts/release-check.sh [DIST] [ROOT]
#
# DIST defaults to dist. ROOT is the root of a bare Debian; without it debootstrap makes one,
# which takes some minutes and network, and removes it afterwards. Needs root and Linux.
# Exit codes: 0 all works, 1 something does not, 77 nothing could be tried.
set -euo pipefail
cd "$(dirname "$0")/.."

dist=${1:-dist} root=${2:-}
skip() { echo "release-check.sh: $1" >&2; exit 77; }
[[ $(uname) == Linux ]] || skip "this is no Linux"
((EUID == 0)) || skip "it needs root, for chroot"
case $(uname -m) in
	x86_64) arch=amd64 ;;
	aarch64) arch=arm64 ;;
	*) skip "there is no release for $(uname -m)" ;;
esac
binary=$(echo "$dist"/ancmbench-*-linux-"$arch")
[[ -x $binary ]] || skip "$dist has no binary for linux/$arch: scripts/release.sh makes one"

work=$(mktemp -d)
mounted=()
finish() {
	local at
	for at in "${mounted[@]}"; do umount -l "$at" || true; done
	rm -rf --one-file-system "$work"
}
trap finish EXIT
if [[ -z $root ]]; then
	command -v debootstrap >/dev/null || skip "debootstrap is not installed, and no root was given"
	root=$work/root
	echo "== a bare Debian in $root"
	debootstrap --variant=minbase stable "$root" >"$work/debootstrap.log" 2>&1 || { tail -5 "$work/debootstrap.log" >&2; skip "debootstrap failed: no network?"; }
fi
for at in proc dev sys; do
	mount --rbind --make-rslave "/$at" "$root/$at"
	mounted=("$root/$at" "${mounted[@]}")
done

echo "== checksums"
(cd "$dist" && sha256sum --quiet -c SHA256SUMS) && echo "all are right"

place=$root/opt/ancmbench-check
rm -rf "$place"
mkdir -p "$place/action"
cp "$binary" "$place/action/"
cp action.yml "$place/action/"
cp scripts/release-check-inside.sh "$place/inside"
echo "== in the bare root"
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
	chroot "$root" /bin/bash /opt/ancmbench-check/inside
rm -rf "$place"
echo "== the release works without Go"
