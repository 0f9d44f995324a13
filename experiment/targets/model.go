package targets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
	"ancmbench/models"
)

// model is a bundled model that runs.
type model struct {
	counting
	site   *models.Site
	spec   Spec
	front  string   // the further front of the site that is loaded; empty means its main one
	native []string // the modules in front of it
	proven bool     // the app was found to be hosted as the model says
	hosts  bool     // the app is the program of a web.config, which says nothing of that itself
}

// startModel starts a bundled model. Every answer must name the model.
func startModel(ctx context.Context, spec Spec, place Place, c counting, report func(ancmbench.SiteEvent)) (*model, error) {
	m := &model{counting: c, spec: spec, front: FrontOf(spec.Target)}
	if err := m.start(ctx, spec.Model, place, report); err != nil {
		_ = m.close() // its cgroups are gone already, and cannot be read
		return nil, errors.Join(err, m.Stop(ctx))
	}
	return m, nil
}

func (m *model) start(ctx context.Context, which ancmbench.Model, place Place, report func(ancmbench.SiteEvent)) (err error) {
	var fronts []string
	if m.spec.Model.HasFronts() {
		fronts = slices.Clone(place.Fronts)
	}
	if m.front != "" && !slices.Contains(fronts, m.front) {
		fronts = append(fronts, m.front)
	}
	opts := models.Options{Model: which, Name: m.spec.Name, Front: place.Front,
		WebConfig: place.WebConfig, ModuleVersion: place.ModuleVersion, PathBase: place.PathBase, Native: place.Native,
		Report: reporter(m.spec.Name, report),
		Env:    place.Env, Fronts: fronts, CPUs: place.CPUs, GOMAXPROCS: place.GOMAXPROCS, Cgroups: map[string]string{}}
	for _, role := range rolesOf(which) {
		if dir := m.dir(role); dir != "" {
			opts.Cgroups[string(role)] = dir
		}
	}
	if place.Listen != "" {
		opts.Listen = net.JoinHostPort(place.Listen, "0")
	}
	m.find, m.native, m.hosts = m.processes, place.Native.Names(), place.WebConfig != ""
	if m.site, err = models.Start(ctx, opts); err != nil {
		return err
	}
	m.runtime = m.site.Runtime
	_, err = m.Target("")
	return err
}

// reporter returns a function that passes the faults of a target's site on.
func reporter(target string, report func(ancmbench.SiteEvent)) func(models.Event) {
	return func(e models.Event) {
		if e.Fault() && report != nil {
			report(ancmbench.SiteEvent{Time: e.Time.UTC(), Target: target, Kind: string(e.Kind), Text: e.Text, Output: e.Output})
		}
	}
}

// processes returns the site's processes.
func (m *model) processes(ctx context.Context) ([]usage.Role, error) {
	pids, err := m.pids(ctx)
	if err != nil {
		return nil, err
	}
	if m.hosts && !m.proven {
		if err := m.site.Proof(ctx); err != nil {
			return nil, err
		}
		m.proven = true
	}
	return m.inRoles(pids), nil
}

func (m *model) pids(ctx context.Context) (map[ancmbench.Role][]int, error) {
	processes, err := m.site.Processes(ctx)
	if err != nil {
		return nil, err
	}
	byRole := map[ancmbench.Role][]int{}
	for _, p := range processes {
		byRole[ancmbench.Role(p.Role)] = append(byRole[ancmbench.Role(p.Role)], p.PID)
	}
	return byRole, nil
}

// Target is Running.Target. Every answer must name the model.
func (m *model) Target(front string) (ancmbench.Target, error) {
	t, err := m.site.FrontTarget(m.front)
	if err != nil {
		return t, err
	}
	t.Protocol = m.spec.Target.Protocol
	if front != "" {
		if t, err = m.site.FrontTarget(front); err != nil {
			return t, err
		}
	}
	t.Workload = m.spec.Target.Workload
	t.Expect = ancmbench.Expect{Status: 200,
		Header: []ancmbench.Field{{Name: ancmbench.ModelHeader, Value: string(m.site.Model())}}}
	return t, nil
}

// Info is Running.Info.
func (m *model) Info() Info {
	info := Info{Roles: m.roles, Processes: m.listed, Programs: m.programs, Front: m.site.Front(), Native: m.native}
	if m.front != "" {
		info.Front, info.Protocol = models.FrontNetHTTP, protocolOf(m.spec.Target)
	}
	return info
}

// protocolOf returns TargetInfo.Protocol for a bundled model.
func protocolOf(t ancmbench.Target) string {
	if t.Protocol == "h2" || t.Protocol == "h2c" {
		return t.Protocol
	}
	return t.Scheme
}

// Kill is Running.Kill: the activation service starts the processes again.
func (m *model) Kill(ctx context.Context, role ancmbench.Role) (time.Time, error) {
	if err := m.site.Kill(ctx, string(role)); err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", m.name, err)
	}
	killed := time.Now()
	return killed, m.closeMeter()
}

// Done is Running.Done.
func (m *model) Done() <-chan struct{} { return m.site.Done() }

// Err is Running.Err.
func (m *model) Err() error {
	if err := m.site.Err(); err != nil {
		return fmt.Errorf("%s died: %w", m.name, err)
	}
	return nil
}

// LastWords is Running.LastWords.
func (m *model) LastWords(context.Context) string { return strings.TrimSpace(m.site.LogTail()) }

// Stop is Running.Stop.
func (m *model) Stop(ctx context.Context) error {
	err := m.close()
	ctx, cancel := stopping(ctx)
	defer cancel()
	if m.site != nil {
		err = errors.Join(err, m.site.Stop(ctx))
	}
	m.removeGroups()
	return err
}
