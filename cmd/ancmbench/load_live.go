package main

import (
	"fmt"
	"io"
	"time"

	"ancmbench"
	"ancmbench/internal/clean"
	"ancmbench/loadgen"
	"ancmbench/reports/words"
)

// liveLine shows the progress of a load twice a second on a terminal.
type liveLine struct {
	quit, done chan struct{}
}

func newLiveLine(w io.Writer, engine loadgen.Engine, load ancmbench.Load, quiet bool) *liveLine {
	l := &liveLine{quit: make(chan struct{}), done: make(chan struct{})}
	if quiet || !isTerminal(w) {
		close(l.done)
		return l
	}
	counts, _ := engine.(loadgen.Live)
	states, _ := engine.(interface{ States() string })
	go l.run(w, counts, states, load.Duration.D())
	return l
}

func (l *liveLine) run(w io.Writer, counts loadgen.Live, states interface{ States() string }, length time.Duration) {
	defer close(l.done)
	began := time.Now()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	last, lastAt := int64(0), began
	for {
		select {
		case <-l.quit:
			fmt.Fprint(w, "\r\x1b[K")
			return
		case now := <-tick.C:
			text := fmt.Sprintf("%s of %s", words.Span(now.Sub(began).Round(time.Second)), words.Span(length))
			if counts != nil {
				done, failed := counts.Counts()
				text += fmt.Sprintf("  %d done  %.0f/s  %d failed", done, float64(done-last)/now.Sub(lastAt).Seconds(), failed)
				last, lastAt = done, now
			}
			if states != nil {
				text += "  " + clean.Terminal(states.States())
			}
			fmt.Fprint(w, "\r\x1b[K"+text)
		}
	}
}

func (l *liveLine) end() {
	close(l.quit)
	<-l.done
}
