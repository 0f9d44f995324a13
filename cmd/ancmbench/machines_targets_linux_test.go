package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/models/peers"
)

// write writes a file that the commands on all machines find in their folder.
func (m *machines) write(name, text string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// over are the flags of a run whose servers are on machine 1 and whose load comes from two
// agents.
func over(verb string, more ...string) []string {
	return append([]string{verb, "--listen", busAt, "--token-file", "t", "--load-agents=2", "--serve-agent=any", "--seed=11"}, more...)
}

// checkShared fails unless each result of a load has figures of both load hosts, and the
// targets are these.
func (m *machines) checkShared(out string, want ...string) {
	m.t.Helper()
	run, err := ancmbench.ReadRun(filepath.Join(m.dir, out))
	if err != nil {
		m.t.Fatal(err)
	}
	sent := map[string]int64{}
	for _, res := range run.Results {
		if res.PhaseKind == ancmbench.ColdStart {
			continue
		}
		if len(res.LoadHosts) != 2 || res.Outcomes.OK == 0 || res.Outcomes.Errors() > 0 {
			m.t.Errorf("%s of %s: %d load hosts, %+v", res.Phase, res.Target, len(res.LoadHosts), res.Outcomes)
		}
		sent[res.Target] += res.Outcomes.OK
	}
	for _, target := range want {
		if sent[target] == 0 {
			m.t.Errorf("%s was not loaded: %v", target, sent)
		}
	}
	if len(sent) != len(want) {
		m.t.Errorf("loaded were %v, want %v", sent, want)
	}
}

// measures fails unless the run ends with a measurement; on a busy machine it may be invalid.
func (r *running) measures() {
	r.m.t.Helper()
	if code, said := r.ends(), r.said.String(); code != 0 && (code != exitInvalid || !strings.Contains(said, "the run is invalid: ")) {
		r.m.t.Errorf("%v: exit code %d: %s", r.Args, code, said)
	}
}

// aSecond is a run of a second.
const aSecond = `
launches: 1
rate: 50/s
connections: 4
timeout: 5s
workloads:
  - {name: plaintext, path: /plaintext}
phases:
  - {kind: warm-up, duration: 200ms, arrivals: closed}
  - {kind: latency, duration: 400ms, dealing: {kind: slices, slice: 100ms}}
`

// Whatever a serving agent starts is reached by the load agents of other hosts: a bundled
// model, a proxy in front of it, a command, a command in front of another, and a program
// behind the module. What listens on loopback all the same does not start, and the run says why.
func TestEveryTargetOverMachines(t *testing.T) {
	skipShort(t)
	if underRace {
		t.Skip("skipped: it takes long under the race detector, which has the run over five machines")
	}
	t.Parallel()
	m := newMachines(t, 4)
	for _, machine := range []int{2, 3} {
		m.loadAgent(machine, "--stay")
	}
	m.serveAgent(1, "--stay", "--allow-commands")

	t.Run("models, proxies and commands", func(t *testing.T) {
		if err := peers.Available(peers.Nginx); err != nil {
			t.Skip("skipped:", err)
		}
		m.write("all.yaml", aSecond+`
models: [direct, nginx]
targets:
  - {name: app, command: "exec ancmbench serve --model=direct --listen={listen} --quiet"}
  - name: relay
    before: app
    command: "exec slowrelay {listen} {upstream} 0s"
`)
		m.start(0, over("run", "--profile=all.yaml", "--out=all")...).measures()
		m.checkShared("all", "direct", "nginx", "app", "relay")
	})

	t.Run("only on loopback", func(t *testing.T) {
		m.write("loopback.yaml", aSecond+`
targets:
  - {name: app, command: "exec ancmbench serve --model=direct --listen=127.0.0.1:{port} --quiet"}
  - {name: other, command: "exec ancmbench serve --model=direct --listen={listen} --quiet"}
`)
		run := m.start(0, over("run", "--profile=loopback.yaml", "--out=loopback")...)
		run.exits(1)
		if said := run.said.String(); !strings.Contains(said, "which load agents on other hosts do not reach") || strings.Count(said, "ancmbench: ") != 1 {
			t.Errorf("said %s", said)
		}
	})

	// The program itself listens where the module says, on loopback, so that what stands in
	// front of it is compared.
	t.Run("a program behind the module", func(t *testing.T) {
		if _, err := exec.LookPath("python3"); err != nil {
			t.Skip("skipped: no python3 on this machine")
		}
		// The bare forwarder has no pairing token.
		program := strings.NewReplacer(`os.environ["ASPNETCORE_TOKEN"]`, `""`, "200 if right else 400", "200").Replace(pythonProgram)
		config := `<configuration><system.webServer><aspNetCore processPath="python3" arguments="-u app.py"/></system.webServer></configuration>`
		writeFiles(t, m.dir, map[string]string{"publish/web.config": config, "publish/app.py": program, "app.yaml": aSecond})
		m.start(0, over("run", "--app=publish", "--profile=app.yaml", "--out=app")...).measures()
		m.checkShared("app", "bare", "out-of-process")
		m.start(0, over("run", "--app=publish", "--profile=app.yaml", "--model=direct,bare")...).fails(exitUsage, "a program of --app is started directly on this host alone")
	})

	// A gate that has no time for its first look decides nothing, and is shared as a run is.
	t.Run("gate", func(t *testing.T) {
		m.write("gate.yaml", smallGate)
		serve := "exec ancmbench serve --model=direct --listen={listen} --quiet"
		gate := m.start(0, over("gate", "--base="+serve, "--head="+serve, "--path=/sleep/3000", "--max-time=2s", "--profile=gate.yaml", "--out=gate")...)
		if code, said := gate.ends(), gate.Stdout.(*bytes.Buffer).String(); code == exitInvalid && strings.Contains(said, "rate") {
			t.Skip("skipped: this machine was too busy to hold 100 requests/s")
		} else if code != exitUndecided || !strings.Contains(strings.Join(strings.Fields(said), " "), "and the first look is at 6") {
			t.Errorf("exit code %d: %s%s", code, said, gate.said)
		}
		m.checkShared("gate", "base", "head")
	})
}
