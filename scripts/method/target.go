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

// arm is one server while it runs.
type arm struct {
	target ancmbench.Target
	site   *models.Site
	server *peers.Server
}

func (a *arm) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if a.site != nil {
		return a.site.Stop(ctx)
	}
	return a.server.Stop(ctx)
}

// armSpec is one server to be started.
type armSpec struct {
	name  string
	model ancmbench.Model // a hosting model, reached by front ("" = its own)
	front string
	serve string // or a server of this script, see serve.go
	path  string
}

// pair is both models and a twin of the first, as `run` has them.
func pair(front, path string) []armSpec {
	return []armSpec{
		{name: "in", model: ancmbench.InProcess, front: front, path: path},
		{name: "out", model: ancmbench.OutOfProcess, front: front, path: path},
		{name: "twin", model: ancmbench.InProcess, front: front, path: path},
	}
}

// start brings all up in random order, asks each once, and gives them in the
// order of the specs.
func start(ctx context.Context, specs []armSpec, rng *rand.Rand) (_ []*arm, stop func() error, err error) {
	arms := make([]*arm, len(specs))
	stop = func() error {
		var faults []error
		for _, a := range arms {
			if a != nil {
				faults = append(faults, a.stop())
			}
		}
		return errors.Join(faults...)
	}
	for _, i := range rng.Perm(len(specs)) {
		if arms[i], err = startOne(ctx, specs[i]); err == nil {
			err = arms[i].ask(ctx, "")
		}
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("%s: %w", specs[i].name, err), stop())
		}
	}
	return arms, stop, nil
}

func startOne(ctx context.Context, s armSpec) (*arm, error) {
	a := &arm{}
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

// commandOf is this program again, as a server.
func commandOf(s armSpec) (peers.Command, error) {
	self, err := os.Executable()
	// exec, so that no shell is counted with it.
	return peers.Command{Name: s.name, Line: `exec "$METHOD_PROGRAM"`,
		Env: []string{"METHOD_PROGRAM=" + self, serveEnv + "=" + s.serve, "GOMAXPROCS=" + strconv.Itoa(runtime.NumCPU())}}, err
}

// ask sends one request; an empty path is the workload's.
func (a *arm) ask(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	t := a.target
	if path != "" {
		t.Workload.Requests = []ancmbench.Request{{Path: path}}
	}
	_, err := loadgen.Once(ctx, t)
	return err
}
