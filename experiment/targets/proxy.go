package targets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
	"ancmbench/models/peers"
)

// proxy is a proxy of the machine in front of the model direct. The answers come from
// direct and name it.
type proxy struct {
	model
	server *peers.Server
	done   chan struct{}
}

func startProxy(ctx context.Context, spec Spec, place Place, c counting, report func(ancmbench.SiteEvent)) (*proxy, error) {
	p := &proxy{model: model{counting: c, spec: spec}, done: make(chan struct{})}
	behind := place
	behind.Listen = "" // only the proxy asks it
	if err := p.start(ctx, ancmbench.Direct, behind, report); err != nil {
		_ = p.close() // a cgroup of it is gone already, and cannot be read
		return nil, errors.Join(err, p.Stop(ctx))
	}
	p.find = p.processes
	kind := peers.Proxy{Kind: string(spec.Model), Listen: place.Listen, Backend: p.site.Address(), Name: spec.Name,
		Cgroup: p.dir(ancmbench.RoleProxy), CPUs: place.CPUs}
	var err error
	if p.server, err = kind.Start(ctx); err != nil {
		_ = p.close() // a cgroup of it is gone already, and cannot be read
		return nil, errors.Join(err, p.Stop(ctx))
	}
	go func() { // ends with the target
		select {
		case <-p.site.Done():
		case <-p.server.Done():
		}
		close(p.done)
	}()
	return p, nil
}

// processes returns those of direct, and of the proxy.
func (p *proxy) processes(ctx context.Context) ([]usage.Role, error) {
	pids, err := p.model.pids(ctx)
	if err != nil {
		return nil, err
	}
	if pids[ancmbench.RoleProxy], err = p.server.PIDs(); err != nil {
		return nil, err
	}
	return p.inRoles(pids), nil
}

// Target is Running.Target.
func (p *proxy) Target(front string) (ancmbench.Target, error) {
	t, err := p.model.Target(front)
	t.Address = p.server.Address()
	return t, err
}

// The limits of Warmed. A proxy that opens a connection per request is not the model that
// was asked for, so for reuseRequests requests it may open at most reuseMost connections.
const (
	reuseRequests = 50
	reuseMost     = 4
)

// Warmed is Running.Warmed. It fails if the proxy does not keep its backend connections. It
// counts them where the system allows it.
func (p *proxy) Warmed(ctx context.Context) error {
	n, err := peers.Reuses(ctx, p.server, p.site.Address(), reuseRequests)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	if err == nil && n > reuseMost {
		err = fmt.Errorf("opened %d backend connections for %d requests: it does not reuse them", n, reuseRequests)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
}

// Kill is Running.Kill.
func (p *proxy) Kill(ctx context.Context, role ancmbench.Role) (time.Time, error) {
	if role == ancmbench.RoleProxy {
		return p.counting.Kill(ctx, role)
	}
	return p.model.Kill(ctx, role)
}

// Done is Running.Done: either has ended.
func (p *proxy) Done() <-chan struct{} { return p.done }

// Err is Running.Err.
func (p *proxy) Err() error {
	if err := p.model.Err(); err != nil {
		return err
	}
	if err := p.server.Err(); err != nil {
		return fmt.Errorf("%s died: %w", p.name, err)
	}
	return nil
}

// Stop is Running.Stop: the proxy first, since it needs what is behind it.
func (p *proxy) Stop(ctx context.Context) error {
	err := p.close()
	if p.server != nil {
		end, cancel := stopping(ctx)
		defer cancel()
		err = errors.Join(err, p.server.Stop(end))
	}
	return errors.Join(err, p.model.Stop(ctx))
}
