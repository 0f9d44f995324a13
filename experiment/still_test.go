package experiment

import (
	"context"
	"errors"
	"time"

	"ancmbench"
	"ancmbench/experiment/targets"
)

// still is a target without processes. It needs nothing of this package or of models, as
// a target on another machine does not.
type still struct {
	info   targets.Info
	target ancmbench.Target
	costs  targets.Costs
	done   chan struct{}
}

func (s *still) Target(string) (ancmbench.Target, error) { return s.target, nil }
func (s *still) Info() targets.Info                      { return s.info }
func (s *still) Open(context.Context) error              { return nil }
func (s *still) Memory(context.Context) (map[ancmbench.Role]*ancmbench.MemoryUse, error) {
	return nil, nil
}
func (s *still) Begin(context.Context, targets.Watch) error { return nil }
func (s *still) Edge(time.Time)                             {}
func (s *still) Asked(targets.Asked)                        {}
func (s *still) End(context.Context) (targets.Costs, error) { return s.costs, nil }
func (s *still) Warmed(context.Context) error               { return nil }
func (s *still) Done() <-chan struct{}                      { return s.done }
func (s *still) Err() error                                 { return nil }
func (s *still) LastWords(context.Context) string           { return "" }
func (s *still) Stop(context.Context) error                 { return nil }
func (s *still) Relaunch(context.Context) (time.Time, error) {
	return time.Time{}, errors.ErrUnsupported
}
func (s *still) Kill(context.Context, ancmbench.Role) (time.Time, error) {
	return time.Time{}, errors.ErrUnsupported
}

func (s *still) Compiled(context.Context, bool) (targets.Compiled, error) {
	return targets.Compiled{}, nil
}
