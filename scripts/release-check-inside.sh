#!/bin/bash
# The part of release-check.sh that runs inside the bare root. It uses nothing but bash and
# coreutils, as is on every machine.
set -euo pipefail
cd /opt/ancmbench-check
for tool in go gcc curl git; do
	if command -v "$tool" >/dev/null; then echo "there is a $tool here: this root is not bare"; exit 1; fi
done
program=$(echo action/ancmbench-*-linux-*)
version=$("$program" --version)
echo "$version"
[[ $program == *"-${version##* }-"* ]] || { echo "the name of the file has another version"; exit 1; }
"$program" run --profile=smoke --out=run --quiet
for file in result.json report.html latency.png throughput.png memory.png; do
	[[ -s run/$file ]] || { echo "no $file"; exit 1; }
done
"$program" report run | head -4
"$program" report run --format=prometheus --output=run.prom
grep -q '^ancmbench_penalty_ratio{' run.prom
"$program" completion bash | bash -n
echo "run and report work"

# The steps of action.yml, as a runner carries them out: with the inputs in the environment,
# and the outputs of a step in a file.
steps() { # NAME: the script of the step with that id
	awk -v id="$1" '
		$1 == "-" && $2 == "id:" { on = ($3 == id); body = 0 }
		on && $1 == "run:" { body = 1; next }
		on && body { if ($0 !~ /^        / && $0 != "") { exit } sub(/^        /, ""); print }' action/action.yml
}
export GITHUB_OUTPUT=$PWD/outputs GITHUB_STEP_SUMMARY=$PWD/summary GITHUB_ACTIONS=true
touch "$GITHUB_OUTPUT" "$GITHUB_STEP_SUMMARY"
BINARY= ACTION_PATH=$PWD/action bash -e -o pipefail -c "$(steps find)"
found=$(sed -n 's/^binary=//p' "$GITHUB_OUTPUT")
[[ $found == "$PWD/$program" ]] || { echo "the action found $found"; exit 1; }
serve="exec $PWD/$program serve --model=direct --quiet --listen=127.0.0.1:{port}"
ANCMBENCH=$found BASE=$serve HEAD_COMMAND=$serve BASE_REV= BUILD= START= TARGET_PATH=/plaintext MARGIN=50% OUT=gate ALLOW=true \
	ARGUMENTS=$'--launches=6\n--metric=p50' bash -e -o pipefail -c "$(steps gate)"
grep -q '^outcome=' "$GITHUB_OUTPUT"
grep -q 'Gate: ' "$GITHUB_STEP_SUMMARY"
[[ -s gate/report.html && -s gate/junit.xml ]]
echo "the action works: $(grep '^outcome=' "$GITHUB_OUTPUT")"
