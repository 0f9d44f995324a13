//go:build clr && linux && amd64 && cgo

package main

import (
	"context"
	"fmt"
	"time"

	"ancmbench/models/leftovers"
)

// moreHeap are bytes of the managed heap: the server's pools keep what the busiest moment
// needed.
const moreHeap = 256 << 20

// laps are the parts of a kept worker's load. Those before settled fill caches, and make
// the pool of threads as large as it gets.
const laps, settled = 4, 2

// keep loads one worker, and compares what it holds when it is quiet, after half of the
// load and after all of it.
func (s *site) keep(ctx context.Context) error {
	end, _ := ctx.Deadline()
	part := time.Until(end) / laps
	worker := leftovers.Worker{Counts: s.counts, PID: s.worker, EndIdle: s.client.CloseIdleConnections, Within: 2 * time.Minute,
		Get: func(path string) (string, bool) { return s.ask("GET", path, "") }}
	var before, after leftovers.Holds
	for i := range laps {
		lap, done := context.WithTimeout(context.Background(), part)
		s.load(lap)
		done()
		var err error
		if after, err = worker.Quiet(); err != nil {
			return err
		}
		fmt.Printf("a quiet worker after lap %d: %v\n", i+1, after)
		if i+1 == settled {
			before = after
		}
	}
	return leftovers.Leaks(before, after, moreHeap)
}
