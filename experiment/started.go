package experiment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
	"ancmbench/loadgen"
	"ancmbench/models"
	"ancmbench/models/peers"
)

// group makes a cgroup for every role of the target, where cgroups are available.
func (a *target) group(run string) {
	var names []string
	for _, role := range a.roles {
		names = append(names, string(role))
	}
	groups, err := usage.NewCgroups(run, a.spec.Name, names)
	if err != nil {
		a.unsupported = err.Error()
		return
	}
	a.groups = groups
}

// dir returns the cgroup of a role, or "".
func (a *target) dir(role ancmbench.Role) string {
	if a.groups == nil {
		return ""
	}
	return a.groups.Dirs()[string(role)]
}

// startModel starts a bundled model. Every answer must name the model.
func (r *runner) startModel(ctx context.Context, a *target, model ancmbench.Model) error {
	var fronts []string
	if a.spec.Model.HasFronts() {
		fronts = frontsOf(r.cfg.Profile)
	}
	opts := models.Options{Model: model, Name: a.spec.Name, Front: r.cfg.Front,
		WebConfig: r.cfg.WebConfig, ModuleVersion: r.cfg.ModuleVersion, PathBase: r.cfg.PathBase, Native: r.cfg.Native,
		Report: r.reporter(a.spec.Name),
		Fronts: fronts, CPUs: r.run.Host.ServerCores, GOMAXPROCS: r.serverProcs(), Cgroups: map[string]string{}}
	for _, role := range rolesOf(model) {
		if dir := a.dir(role); dir != "" {
			opts.Cgroups[string(role)] = dir
		}
	}
	if a.front = FrontOf(a.spec.Target); a.front != "" && !slices.Contains(opts.Fronts, a.front) {
		opts.Fronts = append(opts.Fronts, a.front)
	}
	site, err := models.Start(ctx, opts)
	if err != nil {
		return err
	}
	a.site = site
	if a.target, err = site.FrontTarget(a.front); err != nil {
		return err
	}
	a.target.Protocol = a.spec.Target.Protocol
	a.target.Workload = a.spec.Target.Workload
	a.target.Expect = ancmbench.Expect{Status: 200,
		Header: []ancmbench.Field{{Name: ancmbench.ModelHeader, Value: string(model)}}}
	return nil
}

// FrontOf returns the further front of a site for a target's scheme and protocol; empty
// means the site's main front.
func FrontOf(t ancmbench.Target) string {
	switch {
	case t.Scheme == "https":
		return models.FrontTLS
	case t.Protocol == "h2c":
		return models.FrontH2C
	}
	return ""
}

// protocolOf returns TargetInfo.Protocol for a bundled model.
func protocolOf(t ancmbench.Target) string {
	if t.Protocol == "h2" || t.Protocol == "h2c" {
		return t.Protocol
	}
	return t.Scheme
}

// startProxy starts the model direct, and a proxy of the machine in front of it. The
// answers come from direct and name it.
func (r *runner) startProxy(ctx context.Context, a *target) error {
	if err := r.startModel(ctx, a, ancmbench.Direct); err != nil {
		return err
	}
	proxy := peers.Proxy{Kind: string(a.spec.Model), Backend: a.site.Address(), Name: a.spec.Name,
		Cgroup: a.dir(ancmbench.RoleProxy), CPUs: r.run.Host.ServerCores}
	server, err := proxy.Start(ctx)
	if err != nil {
		return err
	}
	a.server = server
	a.target.Address = server.Address()
	return nil
}

// The limits of reuses. A proxy that opens a connection per request is not the model that
// was asked for, so for reuseRequests requests it may open at most reuseMost connections.
const (
	reuseRequests = 50
	reuseMost     = 4
)

// reuses returns an error if the proxy does not keep its backend connections. It counts
// them where the system allows it.
func (a *target) reuses(ctx context.Context) error {
	n, err := peers.Reuses(ctx, a.server, a.site.Address(), reuseRequests)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	if err == nil && n > reuseMost {
		err = fmt.Errorf("opened %d backend connections for %d requests: it does not reuse them", n, reuseRequests)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a.spec.Name, err)
	}
	return nil
}

// startCommand starts a server of the user's. Its answers must have a 2xx status unless
// the target expects another.
func (r *runner) startCommand(ctx context.Context, a *target) error {
	command := *a.spec.Command
	command.Name, command.Cgroup, command.CPUs = a.spec.Name, a.dir(ancmbench.RoleServer), r.run.Host.ServerCores
	server, err := command.Start(ctx)
	if err != nil {
		return err
	}
	a.server = server
	a.target = ancmbench.Target{Address: server.Address(), Workload: a.spec.Target.Workload, Expect: a.spec.Target.Expect}
	return a.answersAtAll(ctx)
}

// firstAnswerBound is how long a command that listens may take for its first answer: many
// servers load what they need only then.
const firstAnswerBound = 30 * time.Second

// answersAtAll sends a first request to a command and returns a WrongPath if the answer has
// a status of 300 to 499. So a wrong path is reported by its status and not by a share of
// errors. Other failures are left to the load.
func (a *target) answersAtAll(ctx context.Context) error {
	if a.target.Workload.Requests == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, firstAnswerBound)
	defer cancel()
	_, err := loadgen.Once(ctx, a.target)
	var wrong *loadgen.StatusError
	if errors.As(err, &wrong) && wrong.Status >= 300 && wrong.Status < 500 { // a 5xx may pass
		q := a.target.Workload.Requests[0]
		return &WrongPath{Target: a.spec.Name, Path: withoutQuery(q.Path), Status: wrong.Status}
	}
	return nil
}

// WrongPath is the error of a command that answers but does not serve the path. Starting
// it again would not help.
type WrongPath struct {
	Target, Path string
	Status       int
}

func (w *WrongPath) Error() string {
	return fmt.Sprintf("%s answers %d %s to GET %s", w.Target, w.Status, http.StatusText(w.Status), w.Path)
}

// pids returns the process ids of a target that we started, by role.
func (a *target) pids(ctx context.Context) (map[ancmbench.Role][]int, error) {
	byRole := map[ancmbench.Role][]int{}
	if a.site != nil {
		ps, err := a.site.Processes(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range ps {
			byRole[ancmbench.Role(p.Role)] = append(byRole[ancmbench.Role(p.Role)], p.PID)
		}
	}
	if a.server != nil {
		pids, err := a.server.PIDs()
		if err != nil {
			return nil, err
		}
		byRole[a.roles[0]] = pids // the server's role comes first
	}
	return byRole, nil
}
