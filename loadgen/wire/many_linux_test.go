package wire

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ancmbench"
)

// TestManyConnections: thousands of open connections at a small rate. Server and
// client are one process here, which halves what its limit of open files allows;
// scripts/generators.sh does it with 20,000.
func TestManyConnections(t *testing.T) {
	const connections = 3000
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < 2*connections+500 {
		t.Skipf("%d open files: %v", limit.Cur, err)
	}
	l := listen(t, "tcp", sayPlainly(hello))
	e := &Engine{Shards: 2}
	defer e.Close()
	r := carry(t, e, single(constant(1000), 500*time.Millisecond, connections, at(l, "a")), nil)[0]
	if r.Outcomes.OK != 500 {
		t.Errorf("%+v", r.Outcomes)
	}
	open := 0
	for _, s := range e.kept {
		for _, c := range s.conns {
			if c.fd >= 0 {
				open++
			}
		}
	}
	if open != connections {
		t.Errorf("%d of %d connections are open", open, connections)
	}
	runtime.KeepAlive(l)
}

// TestSources: beyond one address' share of ports, connections come from others.
func TestSources(t *testing.T) {
	l := listen(t, "tcp", say(hello))
	a, err := resolve("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int][4]byte{0: {127, 0, 0, 1}, perSource - 1: {127, 0, 0, 1}, perSource: {127, 0, 0, 2}, 3*perSource + 5: {127, 0, 0, 4}} {
		fd, err := a.connect(n)
		if err != nil {
			t.Fatal(err)
		}
		sa, err := unix.Getsockname(fd)
		unix.Close(fd)
		if err != nil {
			t.Fatal(err)
		}
		if got := sa.(*unix.SockaddrInet4).Addr; got != want {
			t.Errorf("connection %d comes from %v, want %v", n, got, want)
		}
	}
}

// TestFileLimit: what cannot be opened is refused in one sentence that says what
// to do. It asks for more than any kernel allows, so that no limit is changed,
// and than a load may, which is told before.
func TestFileLimit(t *testing.T) {
	target := ancmbench.Target{Name: "a", Address: "127.0.0.1:1", Workload: ancmbench.Workload{Requests: []ancmbench.Request{{Path: "/"}}}}
	load := single(constant(1), time.Second, 1<<31, target)
	err := raiseFileLimit(load)
	if err == nil || !strings.Contains(err.Error(), "ulimit -n") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}
