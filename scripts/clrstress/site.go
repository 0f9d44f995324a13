//go:build clr && linux && amd64 && cgo

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/leftovers"
)

// site is one fresh start.
type site struct {
	*models.Site
	url    string
	client *http.Client
	counts string       // the file in which the worker counts
	begun  atomic.Int64 // when it began to start or to stop, in Unix nanoseconds
	// restless means that workers end at any time: only then a request may be lost, and
	// it must not be answered wrongly.
	restless bool
	killed   sync.Map // process ids
	last     struct {
		sync.Mutex
		pid int
		at  time.Time
	}
}

// mayLose reports whether a request may be lost now.
func (s *site) mayLose() bool {
	return s.restless || time.Since(time.Unix(0, s.begun.Load())) < 5*time.Second
}

func (s *site) mark() { s.begun.Store(time.Now().UnixNano()) }

var ended = regexp.MustCompile(`process (\d+) has ended unasked: signal: killed`)

// hear counts the ends of workers that nobody has killed.
func (s *site) hear(e models.Event) {
	if m := ended.FindStringSubmatch(e.Text); m != nil {
		if _, ours := s.killed.LoadAndDelete(m[1]); ours {
			return
		}
	}
	if e.Kind == "worker-ended" {
		counts.unasked.Add(1)
	}
	if e.Fault() {
		fmt.Println(e)
	}
}

// stress runs one start of the app until ctx ends, with the same worker if it is to be
// kept. It fails if the site does not start or end, and if a kept worker has more after
// the load than before.
func stress(ctx context.Context, dir, transport string, kept bool) (err error) {
	work, err := os.MkdirTemp("", "clrstress-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	s := &site{restless: !kept, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: time.Minute}, counts: filepath.Join(work, "counts")}
	s.Site, err = models.Start(context.Background(), models.Options{Model: ancmbench.InProcess, WebConfig: filepath.Join(dir, "web.config"),
		Env:    []string{"GOGC=1", models.EnvTransport + "=" + transport, "Logging__LogLevel__Default=None", leftovers.EnvCounts + "=" + s.counts},
		Report: s.hear})
	if err != nil {
		return err
	}
	s.url = "http://" + s.Address()
	s.mark()
	if kept {
		err = s.keep(ctx)
	} else {
		s.load(ctx)
	}
	s.client.CloseIdleConnections()
	stop, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s.mark()
	err = errors.Join(err, s.Stop(stop), s.said())
	if err != nil {
		return errors.Join(err, errors.New(s.LogTail()))
	}
	return nil
}

// load keeps the site busy until ctx ends.
func (s *site) load(ctx context.Context) {
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { every(ctx, 0, s.check) })
	}
	for range 4 {
		all.Go(func() { every(ctx, 0, s.small) })
		all.Go(func() { every(ctx, 5*time.Millisecond, s.breakOff) })
	}
	all.Go(func() { every(ctx, 20*time.Millisecond, s.talk) })
	all.Go(func() { every(ctx, time.Second, func() { s.ask("GET", "/collect/1", "") }) })
	all.Go(func() { every(ctx, 300*time.Microsecond, s.signal) })
	if s.restless {
		all.Go(func() { every(ctx, 13*time.Second, s.recycle) })
		all.Go(func() { every(ctx, 5*time.Second, s.kill) })
	}
	all.Wait()
}

// every does something again and again, with a pause, until ctx ends.
func every(ctx context.Context, pause time.Duration, do func()) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
			do()
		}
	}
}

// crash is what the end of a process says that nobody has asked for.
var crash = regexp.MustCompile(`fatal error:|SIGSEGV|SIGABRT|SIGBUS|Unhandled exception|Assert|unexpected signal`)

// said fails if a process of the site has written of a crash.
func (s *site) said() error {
	if what := crash.FindString(s.LogTail()); what != "" {
		return fmt.Errorf("a process says %q", what)
	}
	return nil
}

// signal sends the worker what comes to processes from outside.
func (s *site) signal() {
	pid := s.worker()
	for _, sig := range []syscall.Signal{syscall.SIGURG, syscall.SIGHUP, syscall.SIGCHLD, syscall.SIGPIPE, syscall.SIGINT} {
		if pid != 0 && syscall.Kill(pid, sig) == nil {
			counts.signals.Add(1)
		}
	}
}

// worker returns the process id of the worker, which is asked for ten times a second.
func (s *site) worker() int {
	l := &s.last
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
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Recycle(ctx); err != nil {
		fmt.Println("recycle:", err)
		return
	}
	counts.recycles.Add(1)
}

// kill ends the worker at any moment, also while it starts: at once, or by asking it.
func (s *site) kill() {
	<-time.After(time.Duration(rand.IntN(3000)) * time.Millisecond) // any moment will do
	if pid := s.worker(); pid != 0 {
		sig := []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM}[rand.IntN(2)]
		if sig == syscall.SIGKILL {
			s.killed.Store(strconv.Itoa(pid), true)
		}
		if syscall.Kill(pid, sig) == nil { // it may have ended
			counts.kills.Add(1)
		}
	}
}
