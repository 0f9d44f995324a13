package main

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ancmbench"
)

// slowRelay is a program of its own in these tests: it relays TCP from one address to
// another and keeps all bytes back for a time. Arguments: FROM TO DELAY.
func slowRelay() {
	delay, err := time.ParseDuration(os.Args[3])
	if err != nil {
		panic(err)
	}
	l, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		panic(err)
	}
	for {
		in, err := l.Accept()
		if err != nil {
			panic(err)
		}
		out, err := net.Dial("tcp", os.Args[2])
		if err != nil {
			in.Close()
			continue
		}
		go later(in, out, delay)
		go later(out, in, delay)
	}
}

// later copies bytes, each delayed by the same time.
func later(from, to net.Conn, delay time.Duration) {
	defer from.Close()
	defer to.Close()
	type part struct {
		at    time.Time
		bytes []byte
	}
	parts := make(chan part, 4096)
	go func() {
		defer close(parts)
		for {
			b := make([]byte, 64<<10)
			n, err := from.Read(b)
			if n > 0 {
				parts <- part{time.Now().Add(delay), b[:n]}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range parts {
		time.Sleep(time.Until(p.at))
		if _, err := to.Write(p.bytes); err != nil {
			return
		}
	}
}

// checkLost fails unless the run ended with code 3 and one sentence that says which agent
// was lost and why, and kept its first fresh start.
func (m *machines) checkLost(run *running, why string) {
	m.t.Helper()
	run.exits(exitInvalid)
	var ends []string
	for line := range strings.Lines(run.said.String()) {
		if strings.HasPrefix(line, "ancmbench: ") {
			ends = append(ends, line)
		}
	}
	// A run that has used up its repeats on a busy machine ends with the loss itself.
	if end := strings.Join(ends, ""); !strings.Contains(end, why) && !strings.Contains(end, " was lost: no word for ") {
		m.t.Errorf("the run ends with %q, without %q: %s", ends, why, run.said)
	}
	got, err := ancmbench.ReadRun(filepath.Join(m.dir, "out"))
	if err != nil {
		m.t.Fatal(err)
	}
	valid := 0
	for _, res := range got.Results {
		if res.Launch == 0 && res.Void == "" {
			valid++
		}
	}
	if got.LaunchesDone != 1 || got.State != ancmbench.Failed || valid < 6 {
		m.t.Errorf("%d fresh starts done, state %s, %d valid results of the first", got.LaunchesDone, got.State, valid)
	}
}

// A load agent that is killed is replaced by one that has joined: the fresh start is
// repeated with as many agents, and the run is whole.
func TestKilledLoadAgentIsReplaced(t *testing.T) {
	skipShort(t)
	t.Parallel()
	m := newMachines(t, 5)
	m.serveAgent(1)
	killed := m.loadAgent(2)
	run := m.fleetRun()
	run.awaits("agent 2") // the agent that will be killed takes part; the spare one does not
	m.loadAgent(3)
	m.loadAgent(4)
	run.awaits("agent 4")
	m.loadAgent(4)
	run.awaits("fresh start 2 of 2")
	killed.signal(syscall.SIGKILL)
	run.exits(0)
	got, err := ancmbench.ReadRun(filepath.Join(m.dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	repeated := slices.ContainsFunc(got.Warnings, func(w ancmbench.Warning) bool { return w.Code == ancmbench.WarnRepeated })
	if got.LaunchesDone != 2 || got.State != ancmbench.Complete || !repeated {
		t.Errorf("%d fresh starts done, state %s, warnings %+v", got.LaunchesDone, got.State, got.Warnings)
	}
	if !strings.Contains(run.said.String(), "was lost: no word for") {
		t.Errorf("nobody said that an agent was lost: %s", run.said)
	}
	for _, res := range got.Results {
		if res.PhaseKind != ancmbench.ColdStart && res.Void == "" && len(res.LoadHosts) != 3 {
			t.Errorf("%s of fresh start %d has %d load hosts", res.Phase, res.Launch, len(res.LoadHosts))
		}
	}
}

// A load agent that hangs ends the run if no other can take its place. When it goes on, it
// ends too.
func TestHangingLoadAgentEndsTheRun(t *testing.T) {
	skipShort(t)
	t.Parallel()
	m := newMachines(t, 5)
	m.serveAgent(1)
	agents := []*running{m.loadAgent(2), m.loadAgent(3), m.loadAgent(4)}
	run := m.fleetRun()
	run.awaits("fresh start 2 of 2")
	agents[0].signal(syscall.SIGSTOP)
	m.checkLost(run, "agents with --load joined within")
	if !strings.Contains(run.said.String(), "was lost: no word for 2.") && !strings.Contains(run.said.String(), "was lost: no word for 3.") {
		t.Errorf("said %s", run.said)
	}
	agents[1].exits(0)
	agents[2].exits(0)
	agents[0].signal(syscall.SIGCONT)
	if code := agents[0].ends(); code == 0 {
		t.Errorf("the agent that was lost ended with 0: %s", agents[0].said)
	}
}

// A serving agent that is killed ends the run, and none of its servers is left.
func TestKilledServingAgentEndsTheRun(t *testing.T) {
	skipShort(t)
	t.Parallel()
	m := newMachines(t, 5)
	serve := m.serveAgent(1)
	agents := []*running{m.loadAgent(2), m.loadAgent(3), m.loadAgent(4)}
	run := m.fleetRun()
	run.awaits("fresh start 2 of 2")
	serve.signal(syscall.SIGKILL)
	m.checkLost(run, "agents with --serve joined within")
	for _, a := range agents {
		a.exits(0)
	}
}

// When the coordinator dies or hangs, the agents end by themselves, and every server with
// them.
func TestAgentsEndWithTheirCoordinator(t *testing.T) {
	t.Parallel()
	skipShort(t)
	m := newMachines(t, 5)
	for name, signal := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "stopped": syscall.SIGSTOP} {
		t.Run(name, func(t *testing.T) {
			agents := []*running{m.serveAgent(1), m.loadAgent(2), m.loadAgent(3), m.loadAgent(4)}
			run := m.fleetRun("--out=" + name)
			agents[1].awaits("sending load")
			run.signal(signal) // nsenter has become the program: its id is the coordinator's
			for _, a := range agents {
				a.exits(1)
				if !strings.Contains(a.said.String(), "the coordinator was lost") {
					t.Errorf("said %s", a.said)
				}
			}
			_ = run.Process.Kill() // it may have ended
			<-run.ended
			assertNothingLeft(t, m.mark)
		})
	}
}

// The faults of the network between one load agent and the others.
func TestFaultyNetworkOfALoadAgent(t *testing.T) {
	skipShort(t)
	t.Parallel()
	m := newMachines(t, 5)
	m.serveHere()

	t.Run("cut off", func(t *testing.T) {
		cut := m.loadAgent(2, admitted)
		others := []*running{m.loadAgent(3, admitted), m.loadAgent(4, admitted)}
		load := m.fleetLoad("3", "-d", "60s")
		cut.awaits("sending load")
		m.in(2, "ip link set eth0 down")
		load.exits(exitInvalid)
		if !strings.Contains(load.said.String(), "was lost: no word for") {
			t.Errorf("said %s", load.said)
		}
		cut.exits(1)
		for _, a := range others {
			a.exits(0)
		}
		m.in(2, "ip link set eth0 up")
	})

	t.Run("50 ms away", func(t *testing.T) {
		relay := exec.Command("nsenter", "--net=/run/netns/"+m.all[0], "slowrelay", coordinatorAt+":4444", busAt, "50ms")
		relay.Env = append(os.Environ(), markVariable+"="+m.mark)
		if err := relay.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			_ = relay.Process.Kill()
			_ = relay.Wait()
		}()
		m.start(2, "agent", "--join", "nats://"+coordinatorAt+":4444", "--token-file", "t", "--load", admitted)
		m.loadAgent(3, admitted)
		load := m.fleetLoad("2", "-d", "1s")
		load.exits(exitInvalid)
		if said := load.said.String(); !strings.Contains(said, "the clock of agent") || !strings.Contains(said, "its round trips are too long") {
			t.Errorf("said %s", said)
		}
	})

	t.Run("5 % are lost", func(t *testing.T) {
		if _, err := exec.LookPath("nft"); err != nil {
			t.Skip("skipped: needs nft")
		}
		m.in(2, `nft add table inet loss && nft 'add chain inet loss in { type filter hook input priority 0; }' && nft 'add rule inet loss in numgen random mod 100 < 5 drop'`)
		m.loadAgent(2, admitted)
		m.loadAgent(3, admitted)
		load := m.fleetLoad("2", "-d", "2s", "--json")
		load.exits(0)
		var got struct {
			Outcomes  ancmbench.Outcomes   `json:"outcomes"`
			LoadHosts []ancmbench.LoadHost `json:"load_hosts"`
		}
		if err := json.Unmarshal(load.Stdout.(*bytes.Buffer).Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		// TCP sends again what was lost: it is slow, and not missing.
		if len(got.LoadHosts) != 2 || got.Outcomes.OK != got.Outcomes.Due || got.Outcomes.Due < 1000 {
			t.Errorf("%+v", got)
		}
	})
}
