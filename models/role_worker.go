//go:build unix || windows

package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"ancmbench"
	"ancmbench/models/ancm/appprocess"
	"ancmbench/models/ancm/redact"
	"ancmbench/models/internal/control"
	"ancmbench/models/was"
)

// workerRole is the state of a worker process.
type workerRole struct {
	hosting hosting
	say     *outbox[was.Message]
	ends    chan was.End // how it is to end, each time that it is told
}

func playWorker(handler http.Handler) error {
	conn, err := inheritedControl()
	if err != nil {
		return err
	}
	listener, err := inheritedListener(was.SocketGift)
	if err != nil {
		return err
	}
	r := &workerRole{say: newOutbox[was.Message](), ends: make(chan was.End, 4)}
	hosted := make(chan error, 1)
	var site *openSite
	handle := func(ctx context.Context, op string, body json.RawMessage) (any, error) {
		switch op {
		case was.OpInit: // was asks nothing else before it has the answer
			if err := r.host(handler, body); err != nil {
				return nil, err
			}
			site, err = r.serve(listener)
			hosted <- err
			return was.Ready{Limit: r.hosting.limit}, err
		case was.OpStop:
			var end was.End
			err := json.Unmarshal(body, &end)
			r.ends <- end
			return nil, err
		case was.OpNext:
			return r.say.next(ctx)
		}
		return r.answer(ctx, op)
	}
	eof := answering(conn, handle)
	select {
	case err := <-hosted:
		if err != nil {
			<-eof // was has our answer and ends us
			return err
		}
	case <-eof:
		return errors.New("the activation service (was) ended before it sent the settings")
	}
	err = r.live(site, eof)
	r.say.flush(time.Second)
	return err
}

// live waits until the worker must end, and ends it gracefully. It fails if a front
// stops serving or the was process is gone.
func (r *workerRole) live(site *openSite, eof <-chan struct{}) error {
	for _, f := range r.hosting.folders {
		defer f.Watch()()
	}
	end := was.End{}
	select {
	case err := <-site.failed:
		return fmt.Errorf("serving: %w", err)
	case end = <-r.ends:
	case <-terminated(): // of this process alone: the site goes on, unless was is told too
		r.recycle()
		select {
		case end = <-r.ends:
		case <-eof:
			site.breakOff()
			return errors.New("the activation service (was) is gone")
		}
	case <-eof: // was is gone, and on Linux so are we
		site.breakOff()
		return errors.New("the activation service (was) is gone")
	}
	site.end(end, r.ends, eof)
	return nil
}

// recycle asks for another worker in place of this one.
func (r *workerRole) recycle() { r.say.put(was.Message{Replace: true}) }

// report sends an event to the was process.
func (r *workerRole) report(e Event) {
	b, err := json.Marshal(e)
	if err != nil {
		return // an event holds text and a time
	}
	r.say.put(was.Message{Report: b})
}

// serve accepts on the site's socket and on those of its further fronts.
func (r *workerRole) serve(first net.Listener) (*openSite, error) {
	site := newOpenSite(r.hosting)
	listeners := []net.Listener{first}
	for i := range r.hosting.fronts[1:] {
		l, err := inheritedListener(was.SocketGift + 1 + i)
		if err != nil {
			return nil, err
		}
		listeners = append(listeners, l)
	}
	site.serve(listeners)
	return site, nil
}

// host makes the hosting of the settings in body.
func (r *workerRole) host(handler http.Handler, body json.RawMessage) error {
	var set settings
	if err := json.Unmarshal(body, &set); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	say := reporter{put: r.report, hide: redact.New(set.Options.secrets()...)}
	h, err := set.hosting(handler, r.recycle, say)
	if err != nil {
		return err
	}
	r.hosting = h
	return nil
}

func (r *workerRole) answer(ctx context.Context, op string) (any, error) {
	var apps []appprocess.Instance
	for _, p := range r.hosting.processes {
		apps = append(apps, p.Instances()...)
	}
	switch op {
	case opProcesses:
		out := []Process{{Role: RoleWorker, PID: os.Getpid()}}
		for _, a := range apps {
			out = append(out, Process{Role: RoleApp, PID: a.PID})
		}
		return out, nil
	case opRuntime:
		return runtimes(ctx, apps)
	case opKill:
		if len(apps) == 0 {
			return nil, errors.New("no app process runs")
		}
		for _, p := range r.hosting.processes {
			p.Kill()
		}
		return nil, nil
	}
	return nil, fmt.Errorf("unknown operation %q", op)
}

// runtimes returns what the Go runtimes of this worker and of the apps say, by role,
// with the sum of the apps.
func runtimes(ctx context.Context, apps []appprocess.Instance) (map[string]Runtime, error) {
	out := map[string]Runtime{RoleWorker: goRuntime()}
	for _, a := range apps {
		if a.Control == nil {
			continue // not our program
		}
		var one Runtime
		switch err := a.Control.Call(ctx, opRuntime, nil, &one); {
		case errors.Is(err, control.ErrClosed):
			continue // it has just ended
		case err != nil:
			return nil, err
		}
		out[RoleApp] = sum(out[RoleApp], one)
	}
	return out, nil
}

func sum(a, b Runtime) Runtime {
	out := Runtime{Pauses: append(a.Pauses, b.Pauses...), PausesFrom: a.PausesFrom}
	if b.PausesFrom.After(a.PausesFrom) {
		out.PausesFrom = b.PausesFrom
	}
	out.GoRuntime = ancmbench.GoRuntime{
		HeapLive:   a.HeapLive + b.HeapLive,
		GCCycles:   a.GCCycles + b.GCCycles,
		GCCPU:      a.GCCPU + b.GCCPU,
		GCPauses:   a.GCPauses + b.GCPauses,
		GOMAXPROCS: max(a.GOMAXPROCS, b.GOMAXPROCS),
		Goroutines: a.Goroutines + b.Goroutines,
	}
	return out
}
