package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/profiles"
)

// ask decides what each target is asked: by the flags, else by the path of its URL, else by
// the profile. own says that the profile's workloads are meant for servers of the user's;
// otherwise they are those of the bundled app, and a server is asked for the path of its
// URL. It returns all faults at once.
func (f *runFlags) ask(p *ancmbench.Profile, targets []experiment.TargetSpec, own bool) error {
	a, err := f.asked.read()
	if err != nil {
		return usageError("%w", err)
	}
	var faults []error
	note := func(err error) {
		if err != nil {
			faults = append(faults, usageError("%w", err))
		}
	}
	if own = own || len(a.requests) > 0; len(a.requests) > 0 {
		note(onlyRequests(p, a))
	} else if own || slices.ContainsFunc(targets, func(s experiment.TargetSpec) bool { return s.Model != "" }) {
		note(overAll(p, a))
	}
	for i := range targets {
		s := &targets[i]
		switch {
		case s.Model == "":
			note(a.toServer(p, s, own))
		case a.host != "":
			note(errors.New("-H, --header Host: is for servers of your own, and bundled models are asked by their address"))
		}
	}
	if targets != nil { // else what is wrong with them is said
		note(f.server.apply(targets))
	}
	if len(faults) == 0 {
		note(requestFaults(*p))
	}
	return errors.Join(faults...)
}

// requestFaults returns what is wrong with a profile's workloads; other faults are found
// with the other flags.
func requestFaults(p ancmbench.Profile) error {
	var all profiles.Faults
	if err := profiles.Validate(p); !errors.As(err, &all) {
		return err
	}
	all = slices.DeleteFunc(all, func(f profiles.Fault) bool { return !strings.HasPrefix(f.Key, "workloads") })
	if len(all) == 0 {
		return nil
	}
	return all
}

// onlyRequests replaces all workloads of a profile by the one of --request.
func onlyRequests(p *ancmbench.Profile, a asked) error {
	w, err := a.over(ancmbench.Workload{})
	if err != nil {
		return err
	}
	p.Workloads = []ancmbench.Workload{w}
	p.Phases = slices.Clone(p.Phases)
	for i := range p.Phases {
		p.Phases[i].Workload = ""
	}
	return fixedRequests("--request", *p)
}

// fixedRequests returns an error if a phase of the profile varies the request itself, so that
// a flag cannot replace it.
func fixedRequests(flags string, p ancmbench.Profile) error {
	for _, ph := range p.Phases {
		if ph.Factor != "" && ph.Factor != ancmbench.FactorConnections {
			return fmt.Errorf("%s: phase %s of profile %s varies the request itself: take another profile", flags, ph.Name, p.Name)
		}
	}
	return nil
}

// overAll puts what the flags say over every workload of a profile.
func overAll(p *ancmbench.Profile, a asked) error {
	if a.method != "" || a.path != "" || a.bodyGiven {
		if err := fixedRequests("--method, --path and --body", *p); err != nil {
			return err
		}
	}
	p.Workloads = slices.Clone(p.Workloads)
	for i := range p.Workloads {
		w, err := a.over(p.Workloads[i])
		if err != nil {
			return err
		}
		p.Workloads[i] = w
	}
	return nil
}

// toServer sets what a server of the user's is asked. Its URL has set the path so far.
func (a asked) toServer(p *ancmbench.Profile, s *experiment.TargetSpec, own bool) error {
	typed := "/"
	if q := s.Target.Workload.Requests; len(q) > 0 {
		typed = a.withVariables(q[0].Path)
	}
	if a.host != "" {
		s.Target.Host = a.host
	}
	if !own {
		var err error
		s.Target.Workload, err = a.over(ancmbench.Workload{Name: "url", Requests: []ancmbench.Request{{Method: "GET", Path: typed}}})
		return err
	}
	s.Target.Workload = ancmbench.Workload{}
	if typed == "/" || a.path != "" {
		return nil
	}
	s.Path = typed
	for _, w := range p.Workloads {
		if len(w.Requests) > 1 {
			return fmt.Errorf("--target %s: the workload %s has %d requests with paths of their own: leave %s out of the URL", s.Name, w.Name, len(w.Requests), withoutQuery(typed))
		}
	}
	return nil
}
