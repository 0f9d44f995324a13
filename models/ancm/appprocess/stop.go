package appprocess

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"ancmbench/models/ancm/debuglog"
	"ancmbench/models/internal/life"
)

// askTime bounds how long an app may take to accept the shutdown event: one that
// does not know it may treat it as any request, and answer when it likes.
const askTime = time.Second

// Shutdown ends all processes gracefully and lets none start again; it returns
// when nothing runs any more. Requests that wait for a start get 503. Each process
// is told: by a request, or by SIGTERM if it does not accept that; it has
// shutdownTimeLimit to finish, and is then ended by force (OP-16). The end of ctx
// cuts every wait.
func (p *Processes) Shutdown(ctx context.Context) {
	p.all(life.Stop)
	cut := context.AfterFunc(ctx, func() { p.all(life.Force) })
	p.procs.Wait()
	cut()
	p.closed.Do(p.thread.Close)
}

// Recycle ends the processes that run, as Shutdown does, and returns when they are
// gone. The next request starts a new one, also while an old one is ending. Ends
// that are asked for are no failures. The end of ctx cuts every wait.
func (p *Processes) Recycle(ctx context.Context) { p.each(func(s *slot) { s.replace(ctx) }) }

// Offline begins to end all processes, as Shutdown does, and does not wait for it.
// Requests get 503 until Online.
func (p *Processes) Offline() { p.all(life.Offline) }

// Online lets requests start processes again.
func (p *Processes) Online() { p.all(life.Online) }

func (p *Processes) all(e life.Event) {
	for i := range p.slots {
		p.slots[i].handle(e, 0)
	}
}

// each does it for all places at once.
func (p *Processes) each(f func(*slot)) {
	var wg sync.WaitGroup
	for i := range p.slots {
		wg.Go(func() { f(&p.slots[i]) })
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

// tell asks a process to finish what it has begun and to end.
func (p *Processes) tell(proc *process) {
	p.opt.Debug.Printf(debuglog.Info, "process %d is asked to end within %v", proc.pid, p.opt.Config.ShutdownTimeLimit)
	ctx, cancel := context.WithTimeout(context.Background(), min(askTime, p.opt.Config.ShutdownTimeLimit/2))
	defer cancel()
	if ctx.Err() == nil && p.askToShutDown(ctx, proc) {
		return
	}
	proc.askBySignal()
}

// force ends a process that does not end: SIGTERM first, unless it has got one,
// or may not take any time.
func (p *Processes) force(proc *process) {
	p.opt.Debug.Printf(debuglog.Warning, "process %d does not end and is killed", proc.pid)
	if !proc.forced.CompareAndSwap(false, true) {
		return
	}
	if !proc.over() {
		p.killed(proc)
	}
	if p.opt.Config.ShutdownTimeLimit > 0 && proc.signaled.CompareAndSwap(false, true) {
		proc.terminate()
		grace := time.NewTimer(p.opt.KillGrace)
		defer grace.Stop()
		select {
		case <-proc.exited:
			return
		case <-grace.C:
		}
	}
	proc.kill()
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
