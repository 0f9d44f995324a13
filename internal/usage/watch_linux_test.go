package usage

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ancmbench"
)

// watched returns what a watch finds behind a proxy that gets requests for a path in its own
// edges, and for other paths in the others.
func watched(t *testing.T, proxy, path string, others ...string) Role {
	t.Helper()
	var rest []func()
	for _, other := range others {
		rest = append(rest, func() { ask(t, proxy, other, watchedRequests/2) })
	}
	return watchedUnder(t, newWatch(t), proxy, func() { ask(t, proxy, path, watchedRequests/2) }, rest...)
}

const watchedRequests = 60

func newWatch(t *testing.T) *Watch {
	t.Helper()
	w, err := NewWatch()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// watchedUnder is watched under a load of half the requests, twice, and what the others do.
func watchedUnder(t *testing.T, w *Watch, proxy string, load func(), others ...func()) Role {
	t.Helper()
	front, err := FindServer("tcp", proxy)
	if err != nil {
		t.Fatal(err)
	}
	w.Follow(front.PIDs)
	if err := w.Quiet(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Begin()
	stop := w.SampleEvery(2 * time.Millisecond)
	for range 2 {
		load()
		w.Edge()
		for _, other := range others {
			other()
		}
		w.Edge()
	}
	stop()
	return w.Behind(front, func(edge int) bool { return edge%2 == 0 }, true, watchedRequests)
}

// onlyThese checks that a role has the processes of some children and no others.
func onlyThese(t *testing.T, r Role, want ...*child) {
	t.Helper()
	var pids []int
	for _, c := range want {
		pids = append(pids, c.pid())
	}
	slices.Sort(pids)
	if !slices.Equal(r.PIDs, pids) || r.Missing != "" || r.Name != ancmbench.RoleUpstream {
		t.Errorf("found %v, missing %q, as %s; want %v: %+v", r.PIDs, r.Missing, r.Name, pids, r.Describe())
	}
}

// A proxy with connections to two apps: only the one that the requests reach is behind it,
// although the other was asked before, and is asked in other targets' slices.
func TestWatchChargesOnlyWhatTheRequestsReach(t *testing.T) {
	for _, kind := range []string{"proxy", "fresh"} {
		t.Run(kind, func(t *testing.T) {
			a, atA := startServer(t, "serve tcp:127.0.0.1:0", nil)
			b, atB := startServer(t, "serve tcp:127.0.0.1:0", nil)
			_, proxy := startServer(t, kind+" /a=tcp:"+atA+" /b=tcp:"+atB, nil)
			ask(t, proxy, "/b", 5)
			r := watched(t, proxy, "/a")
			onlyThese(t, r, a)
			if d := r.Describe(); len(d) == 1 && !strings.Contains(d[0].Why, "to "+atA+" carried the measured requests") {
				t.Errorf("why: %q", d[0].Why)
			}
			onlyThese(t, watched(t, proxy, "/b", "/a"), b)
		})
	}
}

// Where as many traces of ended connections go as come, each is still booked before the edge
// at which it came.
func TestWatchSeesTracesWhereAsManyGoAsCome(t *testing.T) {
	_, atA := startServer(t, "serve tcp:127.0.0.1:0", nil)
	b, atB := startServer(t, "serve tcp:127.0.0.1:0", nil)
	_, proxy := startServer(t, "fresh /a=tcp:"+atA+" /b=tcp:"+atB, nil)
	w := newWatch(t)
	asked := func(path string) func() {
		return func() {
			ask(t, proxy, path, watchedRequests/2)
			time.Sleep(20 * time.Millisecond) // the proxy closes its end: nothing new is left to see
			w.mu.Lock()
			defer w.mu.Unlock()
			for d, n := range w.ended {
				n.traces = 1 << 30
				w.ended[d] = n
			}
		}
	}
	onlyThese(t, watchedUnder(t, w, proxy, asked("/b"), asked("/a")), b)
}

// Strangers end as many connections as there are requests. They are not behind a proxy whose
// own connections carried the requests; and where nobody saw whose connections they were,
// and they may be anybody's, that is said, and nothing is charged.
func TestWatchLeavesOutStrangersWhoseConnectionsEnd(t *testing.T) {
	a, atA := startServer(t, "serve tcp:127.0.0.1:0", nil)
	_, atStrange := startServer(t, "serve tcp:127.0.0.1:0", nil)
	_, stranger := startServer(t, "fresh /=tcp:"+atStrange, nil)
	_, proxy := startServer(t, "proxy /a=tcp:"+atA, nil)
	strangers := func() { ask(t, stranger, "/", watchedRequests/2) }
	onlyThese(t, watchedUnder(t, newWatch(t), proxy, func() { ask(t, proxy, "/a", watchedRequests/2); strangers() }), a)

	r := watchedUnder(t, newWatch(t), atA, func() { ask(t, atA, "/", watchedRequests/2); strangers() }, strangers)
	if want := "about as many connections to " + atStrange + " ended as there were requests"; len(r.PIDs) != 0 || !strings.Contains(r.Missing, want) {
		t.Errorf("a server that forwards nothing: %v, missing %q; want none, and %q", r.PIDs, r.Missing, want)
	}
}

// A generator that opens a connection for each request leaves as many of its own behind, and
// those are not taken for what the server passes on.
func TestWatchKnowsTheGeneratorsOwnConnections(t *testing.T) {
	a, atA := startServer(t, "serve tcp:127.0.0.1:0", nil)
	_, proxy := startServer(t, "fresh /a=tcp:"+atA, nil)
	anew := func(address, path string) func() {
		return func() {
			for range watchedRequests / 2 {
				ask(t, address, path, 1)
			}
		}
	}
	onlyThese(t, watchedUnder(t, newWatch(t), proxy, anew(proxy, "/a")), a)
	blind := newWatch(t)
	blind.denies = true // no connection is seen before it has ended
	onlyThese(t, watchedUnder(t, blind, proxy, anew(proxy, "/a")), a)
	if r := watchedUnder(t, newWatch(t), atA, anew(atA, "/")); len(r.PIDs) != 0 || r.Missing != "" {
		t.Errorf("found %+v behind a server that forwards nothing", r)
	}
}

// What flows without our load too is not our requests.
func TestWatchLeavesOutWhatOthersAsk(t *testing.T) {
	a, atA := startServer(t, "serve tcp:127.0.0.1:0", nil)
	_, atB := startServer(t, "serve tcp:127.0.0.1:0", nil)
	_, proxy := startServer(t, "proxy /a=tcp:"+atA+" /b=tcp:"+atB, nil)
	stop := every(4*time.Millisecond, func() { ask(t, proxy, "/b", 1) })
	r := watched(t, proxy, "/a")
	stop()
	onlyThese(t, r, a)
}

// The way of the requests is followed through every server, and over Unix sockets.
func TestWatchFollowsChainsAndUnixSockets(t *testing.T) {
	dir := t.TempDir()
	app, other := filepath.Join(dir, "app"), filepath.Join(dir, "other")
	a, _ := startServer(t, "serve unix:"+app, nil)
	_, _ = startServer(t, "serve unix:"+other, nil)
	inner, atInner := startServer(t, "proxy /a=unix:"+app+" /b=unix:"+other, nil)
	_, proxy := startServer(t, "proxy /a=tcp:"+atInner+" /b=tcp:"+atInner, nil)
	ask(t, proxy, "/b", 5)
	onlyThese(t, watched(t, proxy, "/a"), inner, a)
	onlyThese(t, watched(t, atInner, "/a"), a)

	r, err := FindServer("unix", app)
	if err != nil || !slices.Equal(r.PIDs, []int{a.pid()}) {
		t.Errorf("the socket: %v, %v; want %d", r.PIDs, err, a.pid())
	}
	for _, p := range r.Describe() {
		if p.Why != "listens on the Unix socket" {
			t.Errorf("why: %q", p.Why)
		}
	}
	if r, err := FindServer("unix", filepath.Join(dir, "none")); err == nil {
		t.Errorf("a socket that is not there: %+v", r)
	}
}

func TestWatchOfAServerThatForwardsNothing(t *testing.T) {
	_, at := startServer(t, "serve tcp:127.0.0.1:0", nil)
	if r := watched(t, at, "/"); len(r.PIDs) != 0 || r.Missing != "" {
		t.Errorf("found %+v behind a server that forwards nothing", r)
	}
}

// An app in a network namespace of its own, as in a container, is found; and its address
// leads to it.
func TestWatchFindsAnotherNamespace(t *testing.T) {
	a, at, change := startInNamespace(t)
	_, proxy := startServer(t, "proxy /a=tcp:"+at, change)
	onlyThese(t, watched(t, proxy, "/a"), a)
	r, err := FindServer("tcp", at)
	if err != nil || !slices.Equal(r.PIDs, []int{a.pid()}) {
		t.Errorf("%s: %+v, %v; want %d", at, r.PIDs, err, a.pid())
	}
}

// startInNamespace starts a server in a network namespace that a pair of virtual interfaces
// connects with ours.
func startInNamespace(t *testing.T) (c *child, address string, change func(*exec.Cmd)) {
	t.Helper()
	ip, err := exec.LookPath("ip")
	if err != nil || os.Geteuid() != 0 {
		t.Skip("skipped: making a network namespace needs root and ip (Debian: iproute2)")
	}
	c, at := startServer(t, "serve tcp:0.0.0.0:0", func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	})
	ours, theirs := fmt.Sprintf("ab%dx", c.pid()), fmt.Sprintf("ab%dy", c.pid())
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Skipf("skipped: no virtual interfaces here: %v: %s", err, out)
		}
	}
	run(ip, "link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", fmt.Sprint(c.pid()))
	t.Cleanup(func() { _ = exec.Command(ip, "link", "del", ours).Run() })
	run(ip, "addr", "add", "198.51.100.1/30", "dev", ours)
	run(ip, "link", "set", ours, "up")
	inside := []string{"nsenter", "-t", fmt.Sprint(c.pid()), "-n", ip}
	run(append(inside, "addr", "add", "198.51.100.2/30", "dev", theirs)...)
	run(append(inside, "link", "set", theirs, "up")...)
	return c, "198.51.100.2" + at[strings.LastIndexByte(at, ':'):], nil
}

// An app that we may not inspect makes what is behind the proxy incomplete: the value is
// missing, with the reason, and not a part of it.
func TestWatchSaysWhatItMayNotSee(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("skipped: only root may start a process of another user")
	}
	app, atApp := startServer(t, "serve tcp:127.0.0.1:0", nil)
	nobody := asNobody(t)
	_, proxy := startServer(t, "proxy /a=tcp:"+atApp, nobody)
	c := startChild(t, fmt.Sprintf("look %s /a %d", proxy, app.pid()), nobody)
	said, err := c.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if want := "[] missing requests went on to " + atApp + ", and the server's processes belong to another user"; !strings.HasPrefix(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
	if said, err = c.out.ReadString('\n'); err != nil || !strings.Contains(said, "belong to another user") {
		t.Errorf("the app itself: %q, %v; want that it belongs to another user", said, err)
	}
	if said, err = c.out.ReadString('\n'); err != nil || !strings.Contains(said, fmt.Sprintf("no permission to read the memory of process %d", app.pid())) {
		t.Errorf("the app's memory: %q, %v; want that there is no permission", said, err)
	}
}

// asNobody lets a command run as another user, from a copy of this program that it may read.
func asNobody(t *testing.T) func(*exec.Cmd) {
	t.Helper()
	exe, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "usage")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "usage.test")
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, exe, 0o755); err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	return func(c *exec.Cmd) {
		c.Path, c.Dir = path, dir
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
}

// look asks a proxy, and says what it finds behind it, and at the app's own address.
func look(arg string) {
	fmt.Println("ready 0 <nil>")
	args := strings.Fields(arg)
	address, path := args[0], args[1]
	t := &testing.T{} // a failure ends this goroutine, and the reader sees no line
	front, err := FindServer("tcp", address)
	if err != nil {
		fmt.Println("front:", err)
		return
	}
	w, err := NewWatch()
	if err != nil {
		fmt.Println("watch:", err)
		return
	}
	w.Follow(front.PIDs)
	w.Begin()
	ask(t, address, path, 30)
	w.Edge()
	r := w.Behind(front, func(int) bool { return true }, true, 30)
	fmt.Printf("%v missing %s\n", r.PIDs, r.Missing)
	_, after, _ := strings.Cut(r.Missing, "went on to ")
	app, _, _ := strings.Cut(after, ",")
	_, err = FindServer("tcp", app)
	fmt.Println(err)
	pid, _ := strconv.Atoi(args[2])
	use, _, err := ReadMemory([]int{os.Getpid(), pid})
	fmt.Println(err, use.RSS)
}

// What is left of the others' time on short connections is not the target's, however much it
// is in pieces; what flows on kept connections always is.
func TestLateEndsAreTheOthers(t *testing.T) {
	c := &course{took: time.Second, othersTook: time.Second}
	for _, tt := range []struct {
		count, brief, others uint64
		want                 bool
	}{
		{count: 5, brief: 5, others: 60, want: true},
		{count: 60, brief: 60, others: 60, want: false},
		{count: 60, brief: 60, others: 5, want: false},
		{count: 60, brief: 2, others: 600, want: false}, // two kept connections
		{count: 5, brief: 5, others: 0, want: false},
	} {
		if got := c.late(&stream{count: tt.count, brief: tt.brief, others: tt.others}); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}
