//go:build !linux

package wire

import (
	"context"

	"ancmbench"
	"ancmbench/loadgen"
)

type kept struct{}

// Run tells that this engine needs Linux.
func (e *Engine) Run(_ context.Context, load ancmbench.Load, _ func(loadgen.Edge)) ([]ancmbench.Result, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return nil, e.Supports(load)
}

// Close has nothing to do here.
func (e *Engine) Close() error { return nil }
