package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"ancmbench"
	"ancmbench/internal/usage"
	"ancmbench/models"
	"ancmbench/models/httpsys"
	"ancmbench/models/peers"
)

// variant is one way to put a hop between a client and the app.
type variant struct {
	name string
	// model is a hosting model of ours, whose worker is the front and whose app
	// is the backend; front is what it runs on.
	model ancmbench.Model
	front string
	// proxy is the kind of proxy in front of the app, which model direct serves. For
	// selfReverse and selfRelay, this program is the proxy.
	proxy string
	// app is the kind of server that a proxy's backend is made of, as front; empty
	// is the lean one. A slower app wakes its proxy for fewer answers at a time, so
	// only variants with the same app can be compared.
	app string
}

const (
	selfReverse = "self, httputil.ReverseProxy"
	selfRelay   = "self, copying"
)

// The variants' names, which the table of goals refers to.
const (
	nginx        = peers.Nginx
	nginxNetHTTP = "nginx-nethttp-app"
	haproxy      = peers.HAProxy
	relay        = "relay"     // by the forwarder's own plumbing
	relayNet     = "relay-net" // as a Go programmer writes one
	reverseproxy = "reverseproxy"
	bareLean     = "bare-lean"
	oursLean     = "ours-lean"
	oursNetHTTP  = "ours-nethttp" // and its app
)

func variants() []variant {
	return []variant{
		{name: nginx, proxy: peers.Nginx},
		{name: nginxNetHTTP, proxy: peers.Nginx, app: httpsys.NetHTTP},
		{name: haproxy, proxy: peers.HAProxy},
		{name: relay, model: ancmbench.Relay},
		{name: relayNet, proxy: selfRelay},
		{name: reverseproxy, proxy: selfReverse},
		{name: bareLean, model: ancmbench.Bare, front: httpsys.Lean},
		{name: oursLean, model: ancmbench.OutOfProcess, front: httpsys.Lean},
		{name: oursNetHTTP, model: ancmbench.OutOfProcess, front: httpsys.NetHTTP},
	}
}

func names() (out []string) {
	for _, v := range variants() {
		out = append(out, v.name)
	}
	return out
}

// backend returns the kind of server that a proxy forwards to.
func (v variant) backend() string {
	if v.app == "" {
		return httpsys.Lean
	}
	return v.app
}

func (v variant) available() error {
	if v.proxy != "" && !v.self() {
		return peers.Available(v.proxy)
	}
	return nil
}

// self reports whether this program is the proxy.
func (v variant) self() bool { return v.proxy == selfReverse || v.proxy == selfRelay }

// Roles of a target's processes, as they are counted.
const (
	roleFront   = "front"
	roleBackend = "backend"
	roleHolder  = "was" // starts the others, and does nothing under load
)

// target is a variant, or the backend, while it runs.
type target struct {
	variant
	target ancmbench.Target
	roles  []usage.Role // the front, then the backend
	groups *usage.Cgroups
	site   *models.Site
	server *peers.Server
}

func (a *target) stop(ctx context.Context) error {
	var faults []error
	if a.server != nil {
		faults = append(faults, a.server.Stop(ctx))
	}
	if a.site != nil {
		faults = append(faults, a.site.Stop(ctx))
	}
	if a.groups != nil {
		faults = append(faults, a.groups.Remove())
	}
	return errors.Join(faults...)
}

// start brings a variant up in front of the app. backend is the site that a proxy
// forwards to; a model of ours has an app of its own.
func (b *bench) start(ctx context.Context, v variant, launch int, backend *target) (*target, error) {
	a := &target{variant: v}
	start := a.startSite
	if v.proxy != "" {
		start = func(ctx context.Context, b *bench, launch int) error { return a.startProxy(ctx, b, launch, backend) }
	}
	if err := start(ctx, b, launch); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", v.name, err), a.stop(ctx))
	}
	return a, nil
}

// group makes cgroups for roles; where that is not allowed there are none, and
// the processes are read one by one.
func (a *target) group(launch int, roles ...string) map[string]string {
	groups, err := usage.NewCgroups(fmt.Sprintf("peers-%d-%d", os.Getpid(), launch), a.name, roles)
	if err != nil {
		return nil
	}
	a.groups = groups
	return groups.Dirs()
}

func (a *target) startSite(ctx context.Context, b *bench, launch int) (err error) {
	dirs := a.group(launch, models.RoleWAS, models.RoleWorker, models.RoleApp)
	a.site, err = models.Start(ctx, models.Options{Model: a.model, Front: a.front, Name: "peers", Cgroups: dirs, GOMAXPROCS: b.procs})
	if err != nil {
		return err
	}
	a.aim(b, a.site.Address(), a.model)
	if err := a.wake(ctx); err != nil { // the worker and the app start with the first request
		return err
	}
	processes, err := a.site.Processes(ctx)
	if err != nil {
		return err
	}
	byRole := map[string][]int{}
	for _, p := range processes {
		byRole[p.Role] = append(byRole[p.Role], p.PID)
	}
	a.roles = []usage.Role{{Name: roleFront, Cgroup: dirs[models.RoleWorker], PIDs: byRole[models.RoleWorker]}}
	if pids := byRole[models.RoleApp]; pids != nil {
		a.roles = append(a.roles, usage.Role{Name: roleBackend, Cgroup: dirs[models.RoleApp], PIDs: pids})
	}
	return nil
}

func (a *target) startProxy(ctx context.Context, b *bench, launch int, backend *target) (err error) {
	dirs := a.group(launch, roleFront)
	if a.self() {
		var self string
		if self, err = os.Executable(); err != nil {
			return err
		}
		// exec, so that no shell is counted with it.
		a.server, err = peers.Command{Name: a.name, Line: `exec "$PEERS_PROGRAM"`, Cgroup: dirs[roleFront],
			Env: []string{"PEERS_PROGRAM=" + self, backendEnv + "=" + backend.target.Address, kindEnv + "=" + a.proxy,
				"GOMAXPROCS=" + strconv.Itoa(b.procs)}}.Start(ctx)
	} else {
		a.server, err = peers.Proxy{Kind: a.proxy, Backend: backend.target.Address, Connections: 1024,
			Forwarded: b.forwarded, Cgroup: dirs[roleFront]}.Start(ctx)
	}
	if err != nil {
		return err
	}
	a.aim(b, a.server.Address(), ancmbench.Direct)
	if err := a.wake(ctx); err != nil {
		return err
	}
	pids, err := a.server.PIDs()
	if err != nil {
		return err
	}
	a.roles = []usage.Role{{Name: roleFront, Cgroup: dirs[roleFront], PIDs: pids}, backend.roles[0]}
	a.roles[1].Name = roleBackend
	return nil
}

// aim sets the request, and the model that must answer it.
func (a *target) aim(b *bench, address string, model ancmbench.Model) {
	a.target = ancmbench.Target{Name: a.name, Address: address,
		Workload: ancmbench.Workload{Name: "peers", Requests: []ancmbench.Request{{Path: b.path}}},
		Expect: ancmbench.Expect{Status: 200,
			Header: []ancmbench.Field{{Name: ancmbench.ModelHeader, Value: string(model)}}}}
}
