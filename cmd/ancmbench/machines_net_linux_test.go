package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// machines are network namespaces on one host that stand for machines: each has an address
// of its own, and a bridge in the coordinator's joins them.
type machines struct {
	t    *testing.T
	mark string
	name string   // what all their names begin with
	dir  string   // of the token and the results
	all  []string // the namespaces; machine 0 is the coordinator's
}

const (
	coordinatorAt = "10.77.31.1"
	servingAt     = "10.77.31.2"
	busAt         = coordinatorAt + ":4333"
)

// networks counts the networks of this process, which may exist side by side.
var networks atomic.Int32

// newMachines makes n machines. Nothing of them is left after the test.
func newMachines(t *testing.T, n int) *machines {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("skipped: network namespaces need root")
	}
	for _, tool := range []string{"ip", "nsenter"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("skipped: needs %s", tool)
		}
	}
	m := &machines{t: t, mark: newMark(t), name: fmt.Sprintf("anc%d-%d-", os.Getpid(), networks.Add(1)), dir: t.TempDir()}
	t.Cleanup(m.remove)
	for i := range n {
		m.all = append(m.all, fmt.Sprint(m.name, i))
		if out, err := exec.Command("ip", "netns", "add", m.all[i]).CombinedOutput(); err != nil {
			t.Skipf("skipped: no network namespace can be made here: %s", out)
		}
		m.in(i, "ip link set lo up")
	}
	m.in(0, "ip link add br0 type bridge && ip addr add "+coordinatorAt+"/24 dev br0 && ip link set br0 up")
	for i := 1; i < n; i++ {
		m.in(0, fmt.Sprintf("ip link add m%d type veth peer name eth0 netns %s && ip link set m%d master br0 up", i, m.all[i], i))
		m.in(i, fmt.Sprintf("ip addr add 10.77.31.%d/24 dev eth0 && ip link set eth0 up", i+1))
	}
	m.run(0, "agents", "new-token", "t")
	return m
}

// in runs a line of the shell on machine i.
func (m *machines) in(i int, line string) {
	m.t.Helper()
	out, err := exec.Command("nsenter", "--net=/run/netns/"+m.all[i], "sh", "-ec", line).CombinedOutput()
	if err != nil {
		m.t.Fatalf("%s: %v: %s", line, err, out)
	}
}

// oneMachine is this one, without namespaces: all processes are machine 0's.
func oneMachine(t *testing.T) *machines {
	m := &machines{t: t, mark: newMark(t), dir: t.TempDir()}
	t.Cleanup(m.remove)
	return m
}

// command makes a command line of the program under test on machine i.
func (m *machines) command(i int, args ...string) *exec.Cmd {
	c := exec.Command("ancmbench", args...)
	if m.all != nil {
		c = exec.Command("nsenter", append([]string{"--net=/run/netns/" + m.all[i], "ancmbench"}, args...)...)
	}
	c.Dir = m.dir
	c.Env = append(os.Environ(), markVariable+"="+m.mark)
	c.Stdout, c.Stderr = new(bytes.Buffer), &growing{}
	return c
}

// run runs the program on machine i to its end.
func (m *machines) run(i int, args ...string) {
	m.t.Helper()
	if c := m.command(i, args...); c.Run() != nil {
		m.t.Fatalf("%v: %s", args, c.Stderr)
	}
}

// running is a command that runs on a machine.
type running struct {
	*exec.Cmd
	m     *machines
	said  *growing
	ended chan struct{}
	err   error
}

// start starts the program on machine i.
func (m *machines) start(i int, args ...string) *running {
	m.t.Helper()
	return m.begin(m.command(i, args...))
}

// begin starts a command that was made.
func (m *machines) begin(c *exec.Cmd) *running {
	m.t.Helper()
	r := &running{Cmd: c, m: m, said: c.Stderr.(*growing), ended: make(chan struct{})}
	if err := c.Start(); err != nil {
		m.t.Fatal(err)
	}
	go func() {
		r.err = c.Wait()
		close(r.ended)
	}()
	m.t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGCONT) // a stopped process does not end
		_ = c.Process.Kill()
		<-r.ended
	})
	return r
}

// loadAgent and serveAgent start agents; further flags follow.
func (m *machines) loadAgent(i int, more ...string) *running {
	return m.start(i, append([]string{"agent", "--join", "nats://" + busAt, "--token-file", "t", "--load"}, more...)...)
}

func (m *machines) serveAgent(i int, more ...string) *running {
	return m.start(i, append([]string{"agent", "--join", "nats://" + busAt, "--token-file", "t", "--serve"}, more...)...)
}

// until waits until something holds: for a minute, and not after the process has ended.
func (r *running) until(what string, holds func() bool) {
	r.m.t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); {
		select {
		case <-r.ended:
			if holds() {
				return
			}
			r.m.t.Fatalf("%v ended, and not: %s: %s", r.Args, what, r.said)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			r.m.t.Fatalf("%v: waited in vain: %s: %s", r.Args, what, r.said)
		}
	}
}

// awaits waits until the process has written a text on standard error.
func (r *running) awaits(text string) {
	r.m.t.Helper()
	r.until("it says "+text, func() bool { return strings.Contains(r.said.String(), text) })
}

// ends waits for the end and returns the exit code; -1 if a signal ended the process.
func (r *running) ends() int {
	r.m.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(2 * time.Minute):
		r.m.t.Fatalf("%v does not end: %s", r.Args, r.said)
	}
	return r.ProcessState.ExitCode()
}

// exits fails unless the process ends with that code.
func (r *running) exits(code int) {
	r.m.t.Helper()
	if got := r.ends(); got != code {
		r.m.t.Errorf("%v: exit code %d, want %d: %s", r.Args, got, code, r.said)
	}
}

func (r *running) signal(s syscall.Signal) {
	r.m.t.Helper()
	if err := r.Process.Signal(s); err != nil {
		r.m.t.Fatal(err)
	}
}

// remove removes the namespaces, and fails the test if a process of it is left.
func (m *machines) remove() {
	if !m.t.Skipped() {
		assertNothingLeft(m.t, m.mark)
	}
	for _, ns := range m.all {
		_ = exec.Command("ip", "netns", "del", ns).Run()
	}
	left, _ := filepath.Glob("/run/netns/" + m.name + "*")
	if m.all != nil && len(left) > 0 {
		m.t.Errorf("namespaces are left: %v", left)
	}
}

// growing is a buffer that may be read while a process writes to it.
type growing struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *growing) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *growing) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
