package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ancmbench"
)

// fleetRun starts a run of the smoke profile over the machines: machine 1 serves, and three
// load agents share the load.
func (m *machines) fleetRun(more ...string) *running {
	return m.start(0, append([]string{"run", "--profile=smoke", "--listen", busAt, "--token-file", "t",
		"--load-agents=3", "--serve-agent=any", "--seed=11", "--out=out"}, more...)...)
}

// A run and a load over five machines have what those on one machine have: every metric of
// every target, and figures of each load host.
func TestRunOverFiveMachines(t *testing.T) {
	t.Parallel()
	skipShort(t)
	m := newMachines(t, 5)
	agents := []*running{m.serveAgent(1), m.loadAgent(2), m.loadAgent(3), m.loadAgent(4)}
	m.fleetRun().exits(0)
	run, err := ancmbench.ReadRun(filepath.Join(m.dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	checkSmokeRun(t, run)
	checkMachines(t, run)
	for _, a := range agents { // no agent outlives its run
		a.exits(0)
	}
	checkCanaries(t, filepath.Join(m.dir, "out"), canaries(t, m.dir))
}

func checkMachines(t *testing.T, run *ancmbench.Run) {
	t.Helper()
	if len(run.Machines) != 4 || !run.Machines[0].Load || !run.Machines[3].Serve || run.Machines[0].Host.Cores == 0 {
		t.Errorf("machines: %+v", run.Machines)
	}
	for _, res := range run.Results {
		if res.PhaseKind == ancmbench.ColdStart {
			continue
		}
		sum := ancmbench.Outcomes{}
		for _, h := range res.LoadHosts {
			sum.Sent += h.Outcomes.Sent
			sum.OK += h.Outcomes.OK
			if len(h.Clocks) != 2 || h.Clocks[0].Uncertainty <= 0 {
				t.Errorf("%s of %s: the clock of %s is %+v", res.Phase, res.Target, h.Name, h.Clocks)
			}
		}
		if len(res.LoadHosts) != 3 || sum.Sent != res.Outcomes.Sent || sum.OK != res.Outcomes.OK || sum.Sent == 0 {
			t.Errorf("%s of %s: %+v in all, and %+v by %d hosts", res.Phase, res.Target, res.Outcomes, sum, len(res.LoadHosts))
		}
		// The generators ran on the load hosts, and what they used is counted there.
		last := res.Usage[len(res.Usage)-1]
		if last.Role != ancmbench.GeneratorRole || last.Processes != 3 || last.CPU == nil || last.CPU.Own <= 0 {
			t.Errorf("%s of %s: generators %+v", res.Phase, res.Target, last)
		}
	}
}

// serveHere starts a server on machine 1, for loads without a serving agent.
func (m *machines) serveHere() {
	m.t.Helper()
	s := m.start(1, "serve", "--model=in-process", "--listen", servingAt+":8080", "--quiet")
	s.until("it answers", func() bool {
		return m.command(0, "load", "http://"+servingAt+":8080/plaintext", "-n", "1", "-c", "1", "--json").Run() == nil
	})
}

// fleetLoad starts a load over k agents.
func (m *machines) fleetLoad(agents string, more ...string) *running {
	return m.start(0, append([]string{"load", "http://" + servingAt + ":8080/plaintext", "--listen", busAt, "--token-file", "t",
		"--load-agents", agents, "-c", "6", "-r", "600", "--poisson"}, more...)...)
}

const admitted = "--allow-target=" + servingAt + ":8080"

func TestLoadOverMachines(t *testing.T) {
	t.Parallel()
	skipShort(t)
	m := newMachines(t, 5)
	m.serveHere()
	stay := m.loadAgent(2, admitted, "--stay")
	m.loadAgent(3, admitted)
	m.loadAgent(4, admitted)
	load := m.fleetLoad("3", "-d", "2s")
	load.exits(0)
	text := load.Stdout.(*bytes.Buffer).String()
	for _, want := range []string{"load 1", "load 2", "load 3", "600 requests/s asked"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}

	// An agent that stays takes part in the next load, whose answers are in JSON.
	load = m.fleetLoad("1", "-d", "1s", "--json")
	load.exits(0)
	var object map[string]any
	if err := json.Unmarshal(load.Stdout.(*bytes.Buffer).Bytes(), &object); err != nil {
		t.Errorf("%v: %s", err, load.Stdout)
	}
	if hosts, _ := object["load_hosts"].([]any); len(hosts) != 1 {
		t.Errorf("load_hosts: %v", object["load_hosts"])
	}

	// It sends nowhere else.
	refused := m.start(0, "load", "http://"+servingAt+":8081/", "--listen", busAt, "--token-file", "t", "--load-agents=1", "-d", "1s", "-c", "1")
	refused.exits(1)
	if !strings.Contains(refused.said.String(), "--allow-target "+servingAt+":8081") {
		t.Errorf("said %s", refused.said)
	}
	stay.signal(syscall.SIGTERM)
	stay.exits(130)
}
