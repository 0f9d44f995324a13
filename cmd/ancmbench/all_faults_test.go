package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// Command lines with several faults that have nothing to do with one another, and how
// the line on each begins.
var manyFaults = []struct {
	line string
	want []string
}{
	{"load ftp://x --method=a,b --header=x --header=Host: --body=@nothing -d 0 -c 0 -r fast --ramp=slow --timeout=0 --spin=x -t -1 --max-errors=x --slo=x --engine=x --vegeta-results=no/x --hgrm=no/h",
		[]string{`"ftp://x": `, "-m, --method ", "-H, --header: ", "-H, --header Host: ", "--body: ", "-d, --duration 0: ", "--timeout 0: ", "-c, --connections 0: ",
			"-r, --rate fast: ", "--ramp slow: ", "--spin: ", "-t, --threads -1: ", "--max-errors x: ", "--slo x: ", "--slo finds the rate", "--hgrm is for one load", "--engine=x: ",
			"--vegeta-results: only", "--hgrm: ", "--vegeta-results: open"}},
	{"run --metrics=x --profile=x --rate=fast --precision=0% --connections=0 --launches=-1 --model=x --cacert=x --tls --h2 --front=x --module=v3 --static-files=no --web-config=no --vegeta-results=no/x --append-history=no/h",
		[]string{"--metrics=x: ", `--profile "x": `, "--rate fast: ", "--precision 0%: ", "--connections: 0", "--launches: -1", "--cacert is for", "--model: unknown", "--tls and --h2 exclude",
			"--web-config: ", "--front: ", "--module v3: ", "--static-files: ", "--vegeta-results: only", "--append-history: ", "--vegeta-results: open"}},
	{"run --target=x --target=a=ftp://x --model=both --front=x --web-config=no --tls --max-time=-1s",
		[]string{"--model and --target", "--target needs --rate", "--target x: ", "--target a=", "--tls is for", "--web-config is for", "--front is for", "--max-time: "}},
	{"gate --base=a --head=b --margin=x --rate=0 --launches=-1 --engine=x --budget=x --budget=y --metric=x --path=x --junit=no/x --append-history=no/h",
		[]string{"--margin x: ", "--rate 0: ", "--launches: -1", "--engine: unknown", `--budget "x": `, `--budget "y": `, "--metric x: ", `--path "x": `, "--junit: ", "--append-history: "}},
	{"gate --result=r --rate=5/s --seed=3 --margin=0 --path=/x",
		[]string{"--rate says how", "--seed says how", "--margin 0: ", "--path is requested"}},
	{"load http://127.0.0.1:1/ -r 5 -R 6 --cacert=nothing --engine=wire --vegeta-results=x",
		[]string{"--cacert: ", "-r, --rate and -R, --rate2 ", "--vegeta-results: only"}},
}

func TestAllFaultsAtOnce(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Chdir(t.TempDir())
	for _, c := range manyFaults {
		err := refusal(t, c.line)
		if code := exitCode(t.Context(), err); code != exitUsage {
			t.Errorf("ancmbench %s: exit code %d, want %d", c.line, code, exitUsage)
		}
		if err == nil {
			continue
		}
		lines := strings.Split(err.Error(), "\n")
		for _, want := range c.want {
			found := 0
			for _, line := range lines {
				if strings.HasPrefix(line, want) {
					found++
				}
			}
			if found != 1 {
				t.Errorf("ancmbench %s: %d lines begin with %q, want one", c.line, found, want)
			}
		}
		if len(lines) != len(c.want) {
			t.Errorf("ancmbench %s: %d faults, want %d:\n%v", c.line, len(lines), len(c.want), err)
		}
	}
	if left, err := filepath.Glob("*"); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
