//go:build unix

package models_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/ancm/webconfig"
)

// tally counts how requests ended.
type tally struct {
	next, right, refused, broken, mixed atomic.Int64
	answers                             []string // faults.answers
}

// faults is one way to disturb a site under load.
type faults struct {
	name  string
	model ancmbench.Model
	role  string // is killed
	kills int
	paths []string // asked in turn, each with the request's number
	// answers are what X-Ancm-Error may say (OP-13 to OP-15): a worker
	// that is killed answers nobody.
	answers []string
	env     []string
	log     string // stdoutLogFile; empty is none
	over    func() // lets go of what the disturbance itself holds; nil if that is nothing
}

// frontsAsked are whom the connections are dealt to: half of them to the main front,
// which is the lean one where there is that, and the others to net/http's, which
// speaks HTTP/1.1, the same over TLS, and HTTP/2.
var frontsAsked = []string{"", models.FrontNetHTTP, "", "h2", "", models.FrontTLS, "", "h2"}

// 200 connections send requests while processes are killed again and again, and the app
// hangs, breaks off, or finds its port taken. Every request ends in its own answer, in
// an answer of the table, or in a broken connection. None hangs, no connection is
// refused, and afterwards nothing is left.
func TestFaults(t *testing.T) {
	// The detector finds in few kills what it finds in many.
	many := func(full, few int) int {
		if testing.Short() || underRace {
			return few
		}
		return full
	}
	usual := []string{"/id/", "/id/", "/half/", "/id/", "/id/"}
	answered := []string{"502.3"}
	for _, f := range []faults{
		{name: "OP-13_app_killed_and_breaking_off", model: ancmbench.OutOfProcess, role: models.RoleApp,
			answers: answered, kills: many(50, 8), paths: append(slices.Repeat(usual, 6), "/hang/")},
		{name: "OP-15_app_hung", model: ancmbench.OutOfProcess, role: models.RoleApp, answers: answered,
			paths: append(slices.Clone(usual), "/hang/")},
		{name: "OP-17_worker_killed", model: ancmbench.OutOfProcess, role: models.RoleWorker, kills: many(10, 4), paths: usual},
		{name: "IP-05_worker_killed", model: ancmbench.InProcess, role: models.RoleWorker, kills: many(10, 4), paths: usual},
	} {
		t.Run(f.name, func(t *testing.T) { f.run(t) })
	}
	t.Run("OP-02_port_stolen_between_pick_and_listen", func(t *testing.T) {
		thief := newThief(t)
		faults{model: ancmbench.OutOfProcess, role: models.RoleApp, kills: many(10, 4), paths: usual,
			answers: []string{"502.3", "502.5"}, env: []string{"TEST_THIEF=" + thief.door.Addr().String()}, over: thief.close}.run(t)
		if thief.stolen.Load() == 0 {
			t.Error("no port was stolen: this tests nothing")
		}
		if n := thief.asked.Load(); n > 0 {
			t.Errorf("%d requests went to whoever had taken the port", n)
		}
	})
}

func (f faults) run(t *testing.T) {
	before := heldHere()
	mark := "TEST_FAULTS=" + strconv.FormatInt(time.Now().UnixNano(), 36)
	module := webconfig.Default()
	module.RapidFailsPerMinute = 100
	module.RequestTimeout = time.Second // a hung app is 502.3
	module.StdoutLogEnabled, module.StdoutLogFile = f.log != "", f.log
	s, err := models.Start(t.Context(), models.Options{Model: f.model, Module: &module, Env: append(f.env, mark),
		Fronts: []string{models.FrontNetHTTP, models.FrontTLS}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = s.Stop(context.Background()) // if the test has failed; else it is over
		if strings.Contains(s.LogTail(), "DATA RACE") {
			t.Errorf("a process of the site has a data race:\n%s", s.LogTail())
		}
	}()
	f.calm(t, s)
	calm := f.holds(t, s, mark)
	n := tally{answers: f.answers}
	f.underLoad(t, s, &n)
	t.Logf("%d right, %d with a status of the table, %d broken, %d mixed up", n.right.Load(), n.refused.Load(), n.broken.Load(), n.mixed.Load())
	if n.mixed.Load() > 0 {
		t.Errorf("%d requests got another's answer", n.mixed.Load())
	}
	if f.role == models.RoleApp && n.refused.Load() == 0 || f.role == models.RoleWorker && n.broken.Load() == 0 {
		t.Error("no request noticed anything: this tests nothing")
	}
	f.calm(t, s)
	within(t, "what the site holds, before and after", func() (string, bool) {
		now := f.holds(t, s, mark)
		return fmt.Sprintf("%+v %+v", calm, now), now.noMoreThan(calm)
	})
	if err := s.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	noProcess(t, mark)
	if f.over != nil {
		f.over()
	}
	within(t, "what this process holds, before and after", func() (string, bool) {
		now := heldHere()
		return fmt.Sprint(before, now), now.goroutines <= before.goroutines && now.descriptors <= before.descriptors
	})
}

// underLoad kills while requests are under way.
func (f faults) underLoad(t *testing.T, s *models.Site, n *tally) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	for i := range 200 {
		target, err := s.FrontTarget(frontsAsked[i%len(frontsAsked)])
		if err != nil {
			t.Fatal(err)
		}
		c, base := clientOf(t, target)
		wg.Go(func() {
			defer c.CloseIdleConnections()
			for ctx.Err() == nil {
				i := n.next.Add(1)
				id := strconv.FormatInt(i, 10)
				n.ask(t, c, base+f.paths[i%int64(len(f.paths))]+id, id)
			}
		})
	}
	for range f.kills {
		before := n.right.Load()
		within(t, "answers between two kills", func() (string, bool) {
			got := n.right.Load() - before
			return strconv.FormatInt(got, 10), got >= 50
		})
		within(t, "a kill", func() (string, bool) {
			err := s.Kill(t.Context(), f.role) // fails while it is being restarted
			return fmt.Sprint(err), err == nil
		})
	}
	before := n.right.Load()
	within(t, "answers after the last kill", func() (string, bool) {
		return "", n.right.Load() >= before+50 && (f.role != models.RoleApp || n.refused.Load() > 0)
	})
}

// ask files how one request ended. Every answer of the app carries its number.
func (n *tally) ask(t *testing.T, c *http.Client, url, id string) {
	a, err := c.Get(url)
	if err != nil {
		n.broke(t, url, err)
		return
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	failure, _, _ := strings.Cut(a.Header.Get(ancmbench.ErrorHeader), " ") // the numbers, without the reason
	switch {
	case a.StatusCode == 502 && slices.Contains(n.answers, failure):
		n.refused.Add(1)
	case a.StatusCode != 200 || failure != "":
		t.Errorf("%s: %s %v %q is in no table", url, a.Status, a.Header, b)
	case a.Header.Get("X-Id") != id || err == nil && string(b) != id:
		n.mixed.Add(1)
	case err != nil:
		n.broke(t, url, err)
	case a.ContentLength == 1000:
		t.Errorf("%s: half an answer looks whole", url)
	default:
		n.right.Add(1)
	}
}

func (n *tally) broke(t *testing.T, url string, err error) {
	n.broken.Add(1)
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		t.Errorf("%s hangs: %v", url, err)
	}
	if errors.Is(err, syscall.ECONNREFUSED) { // the socket outlives whoever accepts from it
		t.Errorf("%s: %v", url, err)
	}
}

// within waits up to 20 s for a condition without an event.
func within(t *testing.T, what string, holds func() (string, bool)) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		got, ok := holds()
		if ok {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %s", what, got)
		}
	}
}

// held is what a process holds.
type held struct{ goroutines, descriptors int }

// collectors is how many goroutines the runtime may start for itself at the first
// collections, and the worker's count has with its own: a marker per processor,
// and some for clean-ups. What leaks with 200 connections is more.
var collectors = 2 * runtime.GOMAXPROCS(0)

// holdings are what a site holds.
type holdings struct {
	worker, was held
	processes   int // 0 where the system does not tell
}

// noMoreThan compares with what a site held before.
func (h holdings) noMoreThan(before holdings) bool {
	return h.worker.noMoreThan(before.worker) && h.was.noMoreThan(before.was) && h.processes == before.processes
}

func (h held) noMoreThan(before held) bool {
	return h.goroutines <= before.goroutines+collectors && h.descriptors <= before.descriptors
}

// calm makes each front answer once, and leaves a worker that has no app of its own
// process, and so no connection to one.
func (f faults) calm(t *testing.T, s *models.Site) {
	t.Helper()
	for _, front := range frontsAsked {
		target, err := s.FrontTarget(front)
		if err != nil {
			t.Fatal(err)
		}
		c, base := clientOf(t, target)
		within(t, "an answer", func() (string, bool) {
			a, err := c.Get(base + "/plaintext")
			if err != nil {
				return err.Error(), false
			}
			a.Body.Close()
			return a.Status, a.StatusCode == 200
		})
		c.CloseIdleConnections()
	}
	if f.model != ancmbench.InProcess {
		if err := s.Kill(t.Context(), models.RoleApp); err != nil {
			t.Fatal(err)
		}
	}
}

// holds returns what the site holds now.
func (f faults) holds(t *testing.T, s *models.Site, mark string) holdings {
	t.Helper()
	r, err := s.Runtime(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := pids(t, s)
	of := func(role string) held { return held{int(r[role].Goroutines), descriptors(p[role])} }
	h := holdings{of(models.RoleWorker), of(models.RoleWAS), len(marked(t, mark))}
	if runtime.GOOS == "linux" && (h.worker.descriptors == 0 || h.was.descriptors == 0 || h.processes == 0) {
		t.Fatalf("%+v: this system tells, so whoever looks sees nothing", h)
	}
	return h
}

// thief listens on every second port or so that an app is about to listen on.
type thief struct {
	door          net.Listener
	stolen, asked atomic.Int64
	ended         context.Context
	close         func() // lets go of all ports
	all           sync.WaitGroup
}

// newThief starts a thief, which is told ports by apps that start (see tell), and
// answers when it has taken one or let it be.
func newThief(t *testing.T) *thief {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	th := &thief{door: l}
	var end context.CancelFunc
	th.ended, end = context.WithCancel(context.Background())
	th.close = func() { end(); l.Close(); th.all.Wait() }
	t.Cleanup(th.close)
	th.all.Go(th.serve)
	return th
}

func (th *thief) serve() {
	for n := 0; ; n++ {
		c, err := th.door.Accept()
		if err != nil {
			return
		}
		var port string
		if _, err := fmt.Fscan(c, &port); err == nil && slices.Contains([]int{1, 3, 4}, n%5) { // once, and twice in a row
			if taken, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
				th.stolen.Add(1)
				th.all.Go(func() { th.keep(taken) })
				context.AfterFunc(th.ended, func() { taken.Close() })
			}
		}
		fmt.Fprintln(c, "go on")
		c.Close()
	}
}

func (th *thief) keep(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		if n, _ := c.Read(make([]byte, 1)); n > 0 {
			th.asked.Add(1)
		}
		c.Close()
	}
}

// tell tells a thief the port that this process is about to listen on.
func tell(thief, port string) error {
	c, err := net.Dial("tcp", thief)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := fmt.Fprintln(c, port); err != nil {
		return err
	}
	_, err = c.Read(make([]byte, 1))
	return err
}
