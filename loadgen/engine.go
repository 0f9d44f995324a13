package loadgen

import (
	"context"
	"time"

	"ancmbench"
)

// Engine puts a Load on its targets.
type Engine interface {
	// Name is "wire", "vegeta" or "websocket", as it is written into Result.Engine.
	Name() string
	// Supports tells why this engine cannot run the load here; nil if it can.
	Supports(load ancmbench.Load) error
	// Run carries the load out and returns one Result per target, in the order
	// of load.Targets, also together with an error: what was seen before ctx
	// was cancelled, or before the errors passed their bound, is not lost.
	// The caller fills in the Result's trial, launch, phase and usage.
	//
	// edge is called with nothing in flight, on whatever goroutine the engine
	// is on: once before the first slice, and after the drain of each slice.
	// The engine waits for it to return, so it must be quick. It may be nil.
	Run(ctx context.Context, load ancmbench.Load, edge func(Edge)) ([]ancmbench.Result, error)
}

// Edge is the moment between two slices, when no request is in flight and
// counters can be read.
type Edge struct {
	// Slice is the index of the slice that has just been drained, as in
	// SliceRow.Index, and Target the index of its target in Load.Targets; both
	// are -1 before the first slice. A Single load or a Duel counts as one slice,
	// for a Duel with Target -1.
	Slice  int
	Target int
	// At is when counters may be read: the slice's drain was over a gap ago, so that
	// what a server does after its last answer is in its own slice.
	At time.Time
}

// Live is an Engine that can be asked, from another goroutine, how far its
// current Run is.
type Live interface {
	// Counts gives the requests that ended so far, and how many of them failed.
	Counts() (done, failed int64)
}
