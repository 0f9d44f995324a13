//go:build !linux

package wire

import (
	"context"

	"ancmbench"
	"ancmbench/loadgen"
)

type (
	kept struct{}
	run  struct{}
)

// Run tells that this engine needs Linux.
func (e *Engine) Run(_ context.Context, load ancmbench.Load, _ func(loadgen.Edge)) ([]ancmbench.Result, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return nil, e.Supports(load)
}

// Close has nothing to do here.
func (e *Engine) Close() error { return nil }

// Counts are zero: nothing runs here.
func (e *Engine) Counts() (done, failed int64) { return 0, 0 }
