package ancm

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Shutdown ends all processes gracefully (Recycle) and lets none start again;
// it returns when nothing runs any more. Requests that wait for a start get 503.
func (p *Processes) Shutdown(ctx context.Context) {
	p.end()
	p.Recycle(ctx)
	p.procs.Wait()
	p.closed.Do(p.thread.Close)
}

// Recycle ends the processes that run and returns when they are gone: a request
// to the app, then SIGTERM, then SIGKILL (OP-16). The next request starts a new
// one. Ends that are asked for are no failures. The end of ctx cuts every wait.
func (p *Processes) Recycle(ctx context.Context) {
	var wg sync.WaitGroup
	for i := range p.slots {
		s := &p.slots[i]
		wg.Go(func() {
			s.mu.Lock()
			start := s.start
			s.mu.Unlock()
			if start != nil {
				<-start.done // bounded by startupTimeLimit, and cut by Shutdown
			}
			if proc := s.ready.Swap(nil); proc != nil {
				p.stop(ctx, proc)
			}
		})
	}
	wg.Wait()
}

// Kill ends the processes that run with SIGKILL, as a crash would, and returns
// how many there were once they are gone.
func (p *Processes) Kill() int {
	n := 0
	for i := range p.slots {
		if proc := p.slots[i].ready.Load(); proc != nil {
			n++
			proc.kill()
			<-proc.exited
			p.slots[i].ready.CompareAndSwap(proc, nil)
		}
	}
	return n
}

func (p *Processes) stop(ctx context.Context, proc *process) {
	close(proc.asked)
	p.opt.Debug.Printf(DebugInfo, "process %d is asked to end within %v", proc.pid, p.opt.Config.ShutdownTimeLimit)
	limit, cancel := context.WithTimeout(ctx, p.opt.Config.ShutdownTimeLimit)
	defer cancel()
	accepted := limit.Err() == nil && p.askToShutDown(limit, proc)
	if !accepted && limit.Err() == nil {
		proc.terminate()
	}
	select {
	case <-proc.exited:
		return
	case <-limit.Done():
	}
	if accepted && ctx.Err() == nil { // it has not been told by signal yet
		proc.terminate()
		grace := time.NewTimer(p.opt.KillGrace)
		defer grace.Stop()
		select {
		case <-proc.exited:
			return
		case <-grace.C:
		case <-ctx.Done():
		}
	}
	p.opt.Debug.Printf(DebugWarning, "process %d does not end and is killed", proc.pid)
	proc.kill()
	<-proc.exited
}

// askToShutDown posts the module's shutdown event, and reports whether the app
// said 202: its IIS integration then stops it.
func (p *Processes) askToShutDown(ctx context.Context, proc *process) bool {
	if proc.backend.Token == "" {
		return false
	}
	url := "http://" + loopback(proc.port) + strings.TrimSuffix(p.opt.Config.AppPath, "/") + "/iisintegration"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		return false
	}
	r.Header.Set("MS-ASPNETCORE-EVENT", "shutdown")
	r.Header.Set("MS-ASPNETCORE-TOKEN", proc.backend.Token)
	t := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, proc.backend.Network, proc.backend.Address)
		},
	}
	answer, err := t.RoundTrip(r)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusAccepted
}
