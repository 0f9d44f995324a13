package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
	"ancmbench/models"
	"ancmbench/models/peers"
)

// target is one server while it runs.
type target struct {
	target ancmbench.Target
	site   *models.Site
	server *peers.Server
}

func (a *target) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if a.site != nil {
		return a.site.Stop(ctx)
	}
	return a.server.Stop(ctx)
}

// targetSpec says how to start one server.
type targetSpec struct {
	name  string
	model ancmbench.Model // a hosting model, reached by front ("" = its own)
	front string
	serve string // or a server of this script, see serve.go
	path  string
}

// pair returns both models and a twin of the first, as in `run`.
func pair(front, path string) []targetSpec {
	return []targetSpec{
		{name: "in", model: ancmbench.InProcess, front: front, path: path},
		{name: "out", model: ancmbench.OutOfProcess, front: front, path: path},
		{name: "twin", model: ancmbench.InProcess, front: front, path: path},
	}
}

// start starts all targets in random order, sends one request to each, and returns them in
// the order of the specs.
func start(ctx context.Context, specs []targetSpec, rng *rand.Rand) (_ []*target, stop func() error, err error) {
	targets := make([]*target, len(specs))
	stop = func() error {
		var faults []error
		for _, a := range targets {
			if a != nil {
				faults = append(faults, a.stop())
			}
		}
		return errors.Join(faults...)
	}
	for _, i := range rng.Perm(len(specs)) {
		if targets[i], err = startOne(ctx, specs[i]); err == nil {
			err = targets[i].ask(ctx, "")
		}
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("%s: %w", specs[i].name, err), stop())
		}
	}
	return targets, stop, nil
}

func startOne(ctx context.Context, s targetSpec) (*target, error) {
	a := &target{}
	if s.serve != "" {
		command, err := commandOf(s)
		if err != nil {
			return nil, err
		}
		if a.server, err = command.Start(ctx); err != nil {
			return nil, err
		}
		a.target = ancmbench.Target{Address: a.server.Address()}
	} else {
		opt := models.Options{Model: s.model, Name: "method-" + s.name, GOMAXPROCS: runtime.NumCPU()}
		if s.front != "" {
			opt.Fronts = []string{s.front}
		}
		var err error
		if a.site, err = models.Start(ctx, opt); err != nil {
			return nil, err
		}
		if a.target, err = a.site.FrontTarget(s.front); err != nil {
			return nil, errors.Join(err, a.stop())
		}
		a.target.Expect = ancmbench.Expect{Status: 200, Header: []ancmbench.Field{{Name: ancmbench.ModelHeader, Value: string(s.model)}}}
	}
	a.target.Name = s.name
	a.target.Workload = ancmbench.Workload{Name: "method", Requests: []ancmbench.Request{{Path: s.path}}}
	return a, nil
}

// commandOf returns the command that runs this program as a server.
func commandOf(s targetSpec) (peers.Command, error) {
	self, err := os.Executable()
	// exec, so that no shell is counted with it.
	return peers.Command{Name: s.name, Line: `exec "$METHOD_PROGRAM"`,
		Env: []string{"METHOD_PROGRAM=" + self, serveEnv + "=" + s.serve, "GOMAXPROCS=" + strconv.Itoa(runtime.NumCPU())}}, err
}

// ask sends one request; an empty path is the workload's.
func (a *target) ask(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	t := a.target
	if path != "" {
		t.Workload.Requests = []ancmbench.Request{{Path: path}}
	}
	_, err := loadgen.Once(ctx, t)
	return err
}
