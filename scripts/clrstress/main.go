//go:build clr && linux && amd64 && cgo

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/app"
)

func main() {
	if os.Getenv("ANCMBENCH_ROLE") == models.RoleWorker {
		disturb()
	}
	models.RunRole(app.Handler())
	dir := flag.String("app", "", "folder of the published app models/dotnet/testdata/faults")
	length := flag.Duration("for", 20*time.Minute, "how long")
	transport := flag.String("transport", "rings", "rings, direct or send")
	starts := flag.Int("starts", 24, "fresh starts")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), *length)
	defer cancel()
	for i := range *starts {
		part := *length / time.Duration(*starts)
		run, done := context.WithTimeout(ctx, part)
		err := stress(run, *dir, *transport)
		done()
		if err != nil {
			fmt.Fprintf(os.Stderr, "clrstress: start %d: %v\n", i+1, err)
			os.Exit(1)
		}
		fmt.Printf("start %d of %d over: %s\n", i+1, *starts, &counts)
	}
	if counts.wrong.Load() > 0 || counts.unasked.Load() > 0 || counts.good.Load() == 0 {
		fmt.Fprintln(os.Stderr, "clrstress: not clean")
		os.Exit(1)
	}
	fmt.Println("clean")
}

// counts are those of all starts.
var counts tally

type tally struct {
	good, wrong, lost, broken, signals, recycles, kills, unasked atomic.Int64
}

func (c *tally) String() string {
	return fmt.Sprintf("%d good answers, %d wrong, %d lost beside a kill, %d clients broken off, %d signals, %d recycles, %d kills, %d workers ended unasked",
		c.good.Load(), c.wrong.Load(), c.lost.Load(), c.broken.Load(), c.signals.Load(), c.recycles.Load(), c.kills.Load(), c.unasked.Load())
}

// site is one fresh start.
type site struct {
	*models.Site
	url    string
	client *http.Client
	killed atomic.Int64 // when, in Unix nanoseconds
}

// near reports whether a worker was killed, or replaced, at most a while ago: only then a
// request may be lost.
func (s *site) near() bool { return time.Since(time.Unix(0, s.killed.Load())) < 5*time.Second }

// stress runs one start of the app until ctx ends. It fails if the site does not start, or
// does not end.
func stress(ctx context.Context, dir, transport string) error {
	s := &site{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: time.Minute}}
	var err error
	s.Site, err = models.Start(context.Background(), models.Options{Model: ancmbench.InProcess, WebConfig: filepath.Join(dir, "web.config"),
		Env: []string{"GOGC=1", models.EnvTransport + "=" + transport, "Logging__LogLevel__Default=None"},
		Report: func(e models.Event) {
			if e.Kind == "worker-ended" && !s.near() {
				counts.unasked.Add(1)
				fmt.Println(e)
			}
		}})
	if err != nil {
		return err
	}
	s.url = "http://" + s.Address()
	s.killed.Store(time.Now().UnixNano())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { s.every(ctx, 0, s.check) })
	}
	for range 8 {
		all.Go(func() { s.every(ctx, 2*time.Millisecond, s.breakOff) })
	}
	all.Go(func() { s.every(ctx, time.Second, func() { s.ask("GET", "/collect/1", "") }) })
	all.Go(func() { s.every(ctx, 300*time.Microsecond, s.signal) })
	all.Go(func() { s.every(ctx, 17*time.Second, s.recycle) })
	all.Go(func() { s.every(ctx, 41*time.Second, s.kill) })
	all.Wait()
	stop, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s.killed.Store(time.Now().UnixNano())
	if err := s.Stop(stop); err != nil {
		return errors.Join(err, errors.New(s.LogTail()))
	}
	return nil
}

// every does something again and again, with a pause.
func (s *site) every(ctx context.Context, pause time.Duration, do func()) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
			do()
		}
	}
}

// ask returns the body of an answer, and whether there was one.
func (s *site) ask(method, path, body string) (string, bool) {
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		return err.Error(), false
	}
	a, err := s.client.Do(r)
	if err != nil {
		return err.Error(), false
	}
	defer a.Body.Close()
	var b strings.Builder
	if _, err := copyAll(&b, a.Body); err != nil {
		return err.Error(), false
	}
	if a.StatusCode != 200 {
		return fmt.Sprint(a.StatusCode, " ", b.String()), false
	}
	return b.String(), true
}

var (
	long = strings.Repeat("x", 300_000)
	echo = strings.Repeat("0123456789abcdef", 5000)
)

// check compares what the app answers.
func (s *site) check() {
	for _, c := range []struct{ method, path, body, want string }{
		{"GET", "/hello", "", "hello from "},
		{"GET", "/big/300000", "", long},
		{"POST", "/echo", echo, echo},
		{"GET", "/big/100", "", long[:100]},
	} {
		got, ok := s.ask(c.method, c.path, c.body)
		switch {
		case ok && (got == c.want || c.path == "/hello" && strings.HasPrefix(got, c.want)):
			counts.good.Add(1)
		case !ok && s.near():
			counts.lost.Add(1)
		default:
			counts.wrong.Add(1)
			fmt.Printf("%s: %v, %d bytes: %.80q\n", c.path, ok, len(got), got)
		}
	}
}

// signal sends the worker what comes to processes from outside.
func (s *site) signal() {
	pid := s.worker()
	for _, sig := range []syscall.Signal{syscall.SIGURG, syscall.SIGHUP, syscall.SIGCHLD, syscall.SIGPIPE} {
		if pid != 0 && syscall.Kill(pid, sig) == nil {
			counts.signals.Add(1)
		}
	}
}

var lastWorker struct {
	sync.Mutex
	pid int
	at  time.Time
}

// worker returns the process id of the worker, which is asked for ten times a second.
func (s *site) worker() int {
	l := &lastWorker
	l.Lock()
	defer l.Unlock()
	if time.Since(l.at) < 100*time.Millisecond {
		return l.pid
	}
	ps, _ := s.Processes(context.Background()) // none while it is replaced
	l.pid, l.at = 0, time.Now()
	for _, p := range ps {
		if p.Role == models.RoleWorker {
			l.pid = p.PID
		}
	}
	return l.pid
}

func (s *site) recycle() {
	s.killed.Store(time.Now().UnixNano())
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Recycle(ctx); err != nil {
		fmt.Println("recycle:", err)
		return
	}
	counts.recycles.Add(1)
	s.killed.Store(time.Now().UnixNano())
}

func (s *site) kill() {
	if pid := s.worker(); pid != 0 {
		s.killed.Store(time.Now().UnixNano())
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
		counts.kills.Add(1)
	}
}
