package main

import (
	"html"
	"os"
	"slices"
	"strings"
	"testing"

	"ancmbench"
)

// gateOwnProfile is small, and long enough for the gate's first look.
const gateOwnProfile = `name: own
launches: 6
rate: 100/s
connections: 2
workloads: [{name: items, path: /items}]
phases:
  - {kind: warm-up, duration: 200ms}
  - {kind: latency, duration: 250ms}
`

// An app, and servers of the user's, are measured again and held against a stored run; where
// they are not named again, the gate says which to name.
func TestGateMeasuresAgain(t *testing.T) {
	t.Parallel()
	skipShort(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	config := `<configuration><system.webServer><aspNetCore processPath="` + html.EscapeString(self) + `">
<environmentVariables><environmentVariable name="` + programEnv + `" value="paired"/></environmentVariables></aspNetCore></system.webServer></configuration>`
	server := "cmd:" + programEnv + "=server exec '" + self + "' "
	for name, c := range map[string]struct {
		flags         []string
		subject, name string
	}{
		"app":     {[]string{"--app=publish"}, "your program (", "name that program again with --app"},
		"servers": {[]string{"--target=base=" + server + "{port}", "--target=socket=" + server + "{socket}"}, "your servers: base, socket", "(base and socket): name them again with --target NAME=..."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mark := newMark(t)
			stored := command(t, mark, append([]string{"run", "--profile=p.yaml", "--max-time=1500ms", "--out=stored", "--quiet"}, c.flags...)...)
			files := map[string]string{"publish/web.config": config, "p.yaml": gateOwnProfile}
			writeFiles(t, stored.Dir, files)
			if err := stored.Run(); err != nil {
				_, stderr := output(stored)
				t.Fatalf("%v\n%s", err, stderr)
			}
			gate := command(t, mark, append([]string{"gate", "--against=stored", "--between-runs=5%", "--margin=90%", "--max-time=2s", "--out=out"}, c.flags...)...)
			gate.Dir = stored.Dir
			_ = gate.Run()
			stdout, stderr := output(gate)
			said := strings.Join(strings.Fields(stdout), " ")
			if code := gate.ProcessState.ExitCode(); !slices.Contains([]int{0, exitInvalid, 4, 99}, code) || strings.Contains(said, "differ:") || strings.Contains(said, "the stored run has nothing of") {
				t.Errorf("exit code %d\n%s\n%s", code, stdout, stderr)
			}
			if !strings.Contains(said, c.subject) || !strings.Contains(said, "penalty of response p50") {
				t.Errorf("%q is not judged:\n%s", c.subject, stdout)
			}
			again, err := ancmbench.ReadRun(gate.Dir + "/out")
			if err != nil {
				t.Fatal(err)
			}
			if len(again.Results) < 2 || again.Results[0].Workload != "items" {
				t.Errorf("measured again: %d results", len(again.Results))
			}
			unnamed := command(t, mark, "gate", "--against=stored")
			unnamed.Dir = stored.Dir
			_ = unnamed.Run()
			if _, stderr := output(unnamed); unnamed.ProcessState.ExitCode() != exitUsage || !strings.Contains(stderr, c.name) {
				t.Errorf("exit code %d: %s", unnamed.ProcessState.ExitCode(), stderr)
			}
			assertNothingLeft(t, mark, stored.Process.Pid, gate.Process.Pid)
		})
	}
}
