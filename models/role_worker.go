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

	"ancmbench"
	"ancmbench/models/ancm"
	"ancmbench/models/internal/control"
	"ancmbench/models/was"
)

// hosting is what a worker does on the site's socket.
type hosting struct {
	// serve accepts until stop and then returns http.ErrServerClosed.
	serve func(net.Listener) error
	// more are the same for the sockets of the further fronts, in their order.
	more []func(net.Listener) error
	// stop finishes what has begun, within ctx.
	stop func(ctx context.Context)
	// processes are the app's, none where the app is in this process.
	processes []*ancm.Processes
}

// workerRole is the state of a worker process.
type workerRole struct {
	hosting hosting
	recycle chan struct{} // the worker is to end, by its own decision
	ended   chan struct{} // closed when hosting.stop is done
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
	r := &workerRole{ended: make(chan struct{}), recycle: make(chan struct{}, 1)}
	served := make(chan error, 1+len(furtherFronts))
	stop := make(chan struct{}, 2)
	handle := func(ctx context.Context, op string, body json.RawMessage) (any, error) {
		switch op {
		case was.OpInit: // was asks nothing else before it has the answer
			if err := r.host(handler, body); err != nil {
				return nil, err
			}
			return nil, r.serve(listener, served)
		case was.OpStop:
			stop <- struct{}{}
			<-r.ended
			return nil, nil
		}
		return r.answer(ctx, op)
	}
	eof := answering(conn, handle)
	select {
	case err := <-served:
		return fmt.Errorf("serving: %w", err)
	case <-stop:
	case <-terminated():
	case <-r.recycle:
	case <-eof: // was is gone, and on Linux so are we
		r.end(cancelled())
		return errors.New("the was process is gone")
	}
	r.end(context.Background()) // was knows how long, and ends us by force then
	return nil
}

func (r *workerRole) end(ctx context.Context) {
	if r.hosting.stop != nil {
		r.hosting.stop(ctx)
	}
	close(r.ended)
}

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// serve accepts on the site's socket and on those of its further fronts.
func (r *workerRole) serve(first net.Listener, served chan<- error) error {
	listeners := []net.Listener{first}
	for i := range r.hosting.more {
		l, err := inheritedListener(was.SocketGift + 1 + i)
		if err != nil {
			return err
		}
		listeners = append(listeners, l)
	}
	for i, serve := range append([]func(net.Listener) error{r.hosting.serve}, r.hosting.more...) {
		go func() { served <- serve(listeners[i]) }()
	}
	return nil
}

func (r *workerRole) host(handler http.Handler, body json.RawMessage) error {
	var set settings
	if err := json.Unmarshal(body, &set); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	h, err := set.hosting(handler, func() {
		select {
		case r.recycle <- struct{}{}:
		default: // it is ending already
		}
	})
	if err != nil {
		return err
	}
	r.hosting = h
	return nil
}

func (r *workerRole) answer(ctx context.Context, op string) (any, error) {
	var apps []ancm.Instance
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

// runtimes asks the app's processes, and adds them up.
func runtimes(ctx context.Context, apps []ancm.Instance) (map[string]ancmbench.GoRuntime, error) {
	out := map[string]ancmbench.GoRuntime{RoleWorker: goRuntime()}
	for _, a := range apps {
		if a.Control == nil {
			continue // not our program
		}
		var one ancmbench.GoRuntime
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

func sum(a, b ancmbench.GoRuntime) ancmbench.GoRuntime {
	return ancmbench.GoRuntime{
		HeapLive:   a.HeapLive + b.HeapLive,
		GCCycles:   a.GCCycles + b.GCCycles,
		GCCPU:      a.GCCPU + b.GCCPU,
		GCPauses:   a.GCPauses + b.GCPauses,
		GOMAXPROCS: max(a.GOMAXPROCS, b.GOMAXPROCS),
		Goroutines: a.Goroutines + b.Goroutines,
	}
}
