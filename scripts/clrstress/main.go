//go:build clr && linux && amd64 && cgo

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"ancmbench/models"
	"ancmbench/models/app"
	"ancmbench/models/leftovers"
)

func main() {
	if os.Getenv("ANCMBENCH_ROLE") == models.RoleWorker {
		disturb()
	}
	models.RunRole(app.Handler())
	dir := flag.String("app", "", "folder of the published app models/dotnet/testdata/faults")
	length := flag.Duration("for", 20*time.Minute, "how long")
	transport := flag.String("transport", "rings", "rings, direct or send")
	starts := flag.Int("starts", 24, "fresh starts, of which every second keeps its worker")
	flag.Parse()
	from := time.Now()
	before, err := leftovers.OfProcess(os.Getpid())
	if err != nil {
		fail(0, err)
	}
	for i := range *starts {
		ctx, done := context.WithTimeout(context.Background(), *length/time.Duration(*starts))
		err := stress(ctx, *dir, *transport, i%2 == 1 || *starts == 1)
		done()
		if err != nil {
			fail(i+1, err)
		}
		fmt.Printf("start %d of %d over: %s\n", i+1, *starts, &counts)
		if counts.wrong.Load() > 0 || counts.unasked.Load() > 0 {
			fail(i+1, fmt.Errorf("not clean"))
		}
	}
	if counts.good.Load() == 0 || counts.sockets.Load() == 0 || counts.broken.Load() == 0 {
		fail(*starts, fmt.Errorf("nothing was asked"))
	}
	if after, err := leftovers.OfProcess(os.Getpid()); err != nil || after.Descriptors > before.Descriptors+leftovers.FewMore || after.Children > 0 {
		fail(*starts, fmt.Errorf("what starts the site has %v, and had %v before: %w", after, before, err))
	}
	fmt.Printf("%s: clean after %v: %s\n", *transport, time.Since(from).Round(time.Second), &counts)
}

func fail(start int, err error) {
	fmt.Fprintf(os.Stderr, "clrstress: start %d: %v\n", start, err)
	os.Exit(1)
}

// counts are those of all starts.
var counts tally

type tally struct {
	good, wrong, lost, sockets, broken, signals, recycles, kills, unasked atomic.Int64
}

func (c *tally) String() string {
	return fmt.Sprintf("%d good answers, %d wrong, %d lost where workers end, %d messages over WebSockets, %d clients broken off, %d signals, %d recycles, %d workers killed or told to end, %d ended unasked",
		c.good.Load(), c.wrong.Load(), c.lost.Load(), c.sockets.Load(), c.broken.Load(), c.signals.Load(), c.recycles.Load(), c.kills.Load(), c.unasked.Load())
}
