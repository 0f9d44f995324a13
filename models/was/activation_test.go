//go:build unix

package was_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"ancmbench/models/internal/control"
	"ancmbench/models/internal/proctree"
	"ancmbench/models/was"
)

// partEnv makes this binary a was process or a worker: an Activation reaps
// every child of its process, so each test has a process for it.
const partEnv = "WAS_TEST_PART"

func TestMain(m *testing.M) {
	os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	switch part := os.Getenv(partEnv); part {
	case "":
		os.Exit(m.Run())
	case "worker":
		os.Exit(worker(os.Getenv("WAS_TEST_WORKER")))
	default:
		os.Exit(play(part))
	}
}

// given returns the number of a gift.
func given(i int) int {
	n, err := proctree.Given(i)
	if err != nil {
		panic(err)
	}
	return int(n)
}

// worker is one of several kinds.
func worker(kind string) int {
	conn, err := control.Inherited(given(was.ControlGift))
	if err != nil {
		panic(err)
	}
	l, err := net.FileListener(os.NewFile(uintptr(given(was.SocketGift)), "socket"))
	if err != nil {
		panic(err)
	}
	if kind == "exits" {
		return 9
	}
	_ = control.Serve(context.Background(), conn, func(ctx context.Context, op string, body json.RawMessage) (any, error) {
		switch {
		case op == was.OpInit && kind == "refuses":
			return nil, errors.New("no handler of that name")
		case op == was.OpInit && kind == "hangs":
			<-ctx.Done()
		case op == was.OpInit:
			go serve(l)
			return was.Ready{}, nil
		case op == was.OpNext:
			<-ctx.Done()
		case op == was.OpStop && kind != "stubborn":
			os.Exit(0)
		}
		return nil, nil
	})
	return 1
}

func serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		fmt.Fprintln(c, os.Getpid())
		c.Close()
	}
}

// play holds a socket and does what the test says on stdin; the end of stdin
// ends it. It prints the address, then an answer per line, then Run's error.
func play(part string) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		panic(err)
	}
	_ = proctree.Subreaper()
	// ExtraFiles make it blocking, which keeps it out of the poller.
	_ = socket.Fd()
	// Short where the limit is what is tested: elsewhere a machine that stands
	// still for so long would make a worker fail that is as it should be.
	limit := func(of string) time.Duration {
		if part == of {
			return 300 * time.Millisecond
		}
		return 20 * time.Second
	}
	a, err := was.New(was.Options{
		Socket:      socket,
		Attributes:  proctree.Attributes{DieWithParent: true},
		ReadyWithin: limit("hangs"),
		Grace:       limit("stubborn"),
		Command: func() *exec.Cmd {
			return &exec.Cmd{Path: os.Args[0], Env: append(os.Environ(), partEnv+"=worker", "WAS_TEST_WORKER="+part)}
		},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	l.Close()
	go func() {
		for {
			var op string
			if _, err := fmt.Scanln(&op); err != nil {
				a.End(context.Background())
				return
			}
			var err error
			switch op {
			case "recycle":
				err = a.Recycle(context.Background())
			case "kill":
				err = a.Kill(context.Background())
			}
			w, werr := a.Worker(context.Background())
			fmt.Println(op, w != nil, err, werr)
		}
	}()
	fmt.Println(a.Run())
	if left, err := proctree.Descendants(os.Getpid()); err == nil && len(left) > 0 {
		fmt.Println("left", left)
	}
	return 0
}

type activation struct {
	t       *testing.T
	address string
	in      io.WriteCloser
	out     io.Reader
}

func begin(t *testing.T, kind string) *activation {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), partEnv+"="+kind)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	a := &activation{t: t, in: in, out: out}
	a.address = a.line()
	return a
}

// line reads one line, without taking more than it.
func (a *activation) line() string {
	a.t.Helper()
	var b strings.Builder
	for one := make([]byte, 1); ; {
		if _, err := a.out.Read(one); err != nil {
			a.t.Fatalf("after %q: %v", b.String(), err)
		}
		if one[0] == '\n' {
			return b.String()
		}
		b.WriteByte(one[0])
	}
}

func (a *activation) do(op, want string) {
	a.t.Helper()
	fmt.Fprintln(a.in, op)
	if got := a.line(); got != op+" "+want {
		a.t.Errorf("got %q, want %q", got, op+" "+want)
	}
}

// ask connects and gets the worker's process id, 0 if the connection broke.
func (a *activation) ask() int {
	a.t.Helper()
	c, err := net.Dial("tcp", a.address)
	if err != nil {
		a.t.Fatalf("refused: %v", err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	b, err := io.ReadAll(c)
	if err != nil && len(b) == 0 {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	return pid
}

func TestWorkersComeAndGo(t *testing.T) {
	a := begin(t, "ordinary")
	a.do("kill", "false no worker runs <nil>")
	a.do("recycle", "false <nil> <nil>")
	seen := map[int]bool{}
	for _, end := range []string{"recycle", "kill", "recycle", "kill"} {
		pid := a.ask()
		if pid == 0 || seen[pid] || a.ask() != pid {
			t.Fatalf("worker %d after %v", pid, seen)
		}
		seen[pid] = true
		a.do(end, "false <nil> <nil>")
	}
	a.ask()
	a.in.Close()
	if got := a.line(); got != "<nil>" {
		t.Errorf("Run: %s", got)
	}
	if rest, _ := io.ReadAll(a.out); len(rest) > 0 {
		t.Errorf("%s", rest)
	}
}

func TestWorkerThatDoesNotEndIsKilled(t *testing.T) {
	a := begin(t, "stubborn")
	first := a.ask()
	a.do("recycle", "false <nil> <nil>")
	if second := a.ask(); second == first || second == 0 {
		t.Errorf("worker %d, then %d", first, second)
	}
}

func TestWorkerThatDoesNotStart(t *testing.T) {
	for kind, want := range map[string]string{
		"exits":   "exited with status 9",
		"refuses": "no handler of that name",
		"hangs":   "did not serve in time",
	} {
		t.Run(kind, func(t *testing.T) {
			a := begin(t, kind)
			if pid := a.ask(); pid != 0 {
				t.Errorf("answered by %d", pid)
			}
			if got := a.line(); !strings.Contains(got, "failed to start 3 times in a row: ") || !strings.Contains(got, want) {
				t.Errorf("Run: %s", got)
			}
		})
	}
}
