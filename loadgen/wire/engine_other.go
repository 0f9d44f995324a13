//go:build !linux

package wire

import (
	"context"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// Engine is the native load engine, which needs Linux: Supports says so.
type Engine struct {
	// Shards is the number of threads; there are none here.
	Shards int
}

// RunJoint fails: this engine needs Linux.
func (e *Engine) RunJoint(_ context.Context, load ancmbench.Load, _ func() (time.Time, error), _ func(loadgen.Edge)) ([]ancmbench.Result, error) {
	return nil, e.Supports(load)
}

// Counts returns zeros: nothing runs here.
func (e *Engine) Counts() (done, failed int64) { return 0, 0 }

// Close does nothing here.
func (e *Engine) Close() error { return nil }
