package peers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ancmbench/models/internal/proctree"
)

// traces is what a server leaves or does not leave behind.
type traces struct {
	mark    string
	address string
	cgroup  string // made for this server, with a parent that goes with it
	tmp     string // nothing but the server's own folder is made there
	pids    []int  // processes that nothing else would find
}

// cgroup makes a leaf in a folder of its own; "" where that is not allowed.
func cgroup(t *testing.T) string {
	t.Helper()
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if !strings.Contains(line, " - cgroup2 ") {
			continue
		}
		dir, err := os.MkdirTemp(strings.Fields(line)[4], "ancmbench-test-")
		if err != nil {
			break
		}
		leaf := filepath.Join(dir, "leaf")
		t.Cleanup(func() { // only what a failed test has left
			_ = os.Remove(leaf)
			_ = os.Remove(dir)
		})
		if err := os.Mkdir(leaf, 0o755); err != nil {
			t.Fatal(err)
		}
		return leaf
	}
	t.Log("no cgroup may be made here: tested without")
	return ""
}

func newTraces(t *testing.T) *traces {
	t.Helper()
	tr := &traces{tmp: t.TempDir(), cgroup: cgroup(t)}
	if err := os.Chmod(tr.tmp, 0o755); err != nil { // nginx's worker may be nobody
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", tr.tmp)
	return tr
}

// watch remembers what there is now.
func (tr *traces) watch(t *testing.T, root int, address string) {
	t.Helper()
	tr.address = address
	env, err := os.ReadFile("/proc/" + strconv.Itoa(root) + "/environ")
	if err != nil {
		t.Fatal(err)
	}
	for v := range strings.SplitSeq(string(env), "\x00") {
		if strings.HasPrefix(v, markName+"=") {
			tr.mark = v
		}
	}
}

// left lists what is still there.
func (tr *traces) left(t *testing.T) (left []string) {
	t.Helper()
	pids := slices.Clone(tr.pids)
	if tr.mark != "" {
		marked, err := proctree.Marked(tr.mark)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, marked...)
	}
	for _, pid := range pids {
		st, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err == nil && !strings.Contains(string(st), ") Z ") {
			left = append(left, processNames([]int{pid}))
		}
	}
	if c, err := net.Dial("tcp", tr.address); err == nil {
		c.Close()
		left = append(left, "a listener on "+tr.address)
	}
	if tr.cgroup != "" {
		if _, err := os.Stat(filepath.Dir(tr.cgroup)); !errors.Is(err, os.ErrNotExist) {
			left = append(left, "cgroup "+tr.cgroup)
		}
	}
	files, _ := filepath.Glob(filepath.Join(tr.tmp, "ancmbench*"))
	return append(left, files...)
}

// none is for a server that is over: nothing is left, now.
func (tr *traces) none(t *testing.T) {
	t.Helper()
	if left := tr.left(t); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// soon is for a server whose parent was killed: nothing is left, within bounds.
func (tr *traces) soon(t *testing.T) {
	t.Helper()
	var left []string
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if left = tr.left(t); len(left) == 0 {
			return
		}
	}
	t.Errorf("left behind: %q", left)
}

// parent runs this binary as a program that starts a server, and gives its
// process and the server's address.
func parent(t *testing.T, tr *traces, line string, env ...string) (*exec.Cmd, string) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(append(os.Environ(), env...), parentEnv+"="+tr.cgroup+"|"+line)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	first, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := net.SplitHostPort(strings.TrimSpace(first)); err != nil {
		t.Fatal(first)
	}
	return c, strings.TrimSpace(first)
}

func get(t *testing.T, address string) string {
	t.Helper()
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	a, err := (&http.Client{Transport: tr, Timeout: 10 * time.Second}).Get("http://" + address + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// startFails says what the error of a start lacks.
func startFails(t *testing.T, ctx context.Context, c Command, want []string) (lacks []string) {
	t.Helper()
	tr := newTraces(t)
	c.Cgroup = tr.cgroup
	s, err := c.Start(ctx)
	if err == nil {
		s.Stop(t.Context())
		t.Fatal("it starts")
	}
	for _, w := range want {
		if w = strings.ReplaceAll(w, "{timeout}", c.StartTimeout.String()); !strings.Contains(err.Error(), w) {
			lacks = append(lacks, fmt.Sprintf("error %q lacks %q", err, w))
		}
	}
	for _, v := range []string{"correct horse", "second line"} {
		if strings.Contains(err.Error(), v) {
			t.Errorf("error %q shows %q", err, v)
		}
	}
	tr.none(t)
	return lacks
}
