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

// askTime bounds how long an app may take to accept the shutdown event. An app that
// does not know the event may treat it as any request, and take its time.
const askTime = time.Second

// Shutdown ends all processes gracefully, and lets none start again. It returns when
// none runs any more. Requests that wait for a start get 503. Each process is told by a
// request, or by SIGTERM if it does not accept that. It has shutdownTimeLimit to
// finish, and is then ended by force (OP-16). When ctx ends, all are ended by force at
// once.
func (p *Processes) Shutdown(ctx context.Context) {
	p.all(life.Stop)
	cut := context.AfterFunc(ctx, func() { p.all(life.Force) })
	p.procs.Wait()
	cut()
	p.closed.Do(p.thread.Close)
}

// Recycle ends the processes that run, as Shutdown does, and returns when they are
// gone. The next request starts a new one, also while an old one is ending. These ends
// do not count as failures. When ctx ends, the processes are ended by force at once.
func (p *Processes) Recycle(ctx context.Context) { p.each(func(s *slot) { s.replace(ctx) }) }

// Offline begins to end all processes, as Shutdown does, and returns at once. Requests
// get 503 until Online is called.
func (p *Processes) Offline() { p.all(life.Offline) }

// Online lets requests start processes again.
func (p *Processes) Online() { p.all(life.Online) }

func (p *Processes) all(e life.Event) {
	for i := range p.slots {
		p.slots[i].handle(e, 0)
	}
}

// each calls f for all slots at the same time, and waits for all calls.
func (p *Processes) each(f func(*slot)) {
	var wg sync.WaitGroup
	for i := range p.slots {
		wg.Go(func() { f(&p.slots[i]) })
	}
	wg.Wait()
}

// Kill ends the processes that run with SIGKILL, as a crash would. It returns their
// number once they are gone.
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

// force ends a process by SIGTERM, if it had none yet and may take time, and then by
// SIGKILL.
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

// askToShutDown posts the module's shutdown event, and reports whether the app answered
// 202: its IIS integration then stops it.
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
