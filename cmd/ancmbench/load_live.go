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

// liveLine says on a terminal that a load is going on, and until when. It is written before the
// load begins and removed when it has ended: nothing is drawn in between, because that takes
// time from what is measured.
type liveLine struct {
	w     io.Writer
	shown bool
}

func newLiveLine(w io.Writer, load ancmbench.Load, now time.Time, others string, quiet bool) liveLine {
	l := liveLine{w: w, shown: !quiet && isTerminal(w)}
	if l.shown {
		fmt.Fprint(w, words.Short(liveText(load, now)+others, max(width(w)-1, 1)))
	}
	return l
}

// othersOf says what the other machines do that an engine sends load from; "" if there are
// none.
func othersOf(engine loadgen.Engine) string {
	if e, ok := engine.(interface{ States() string }); ok {
		return "  " + clean.Terminal(e.States())
	}
	return ""
}

func liveText(load ancmbench.Load, now time.Time) string {
	length := load.Duration.D()
	switch {
	case load.Requests > 0:
		return fmt.Sprintf("%s requests on %s", words.Grouped(float64(load.Requests)), words.Count(load.Connections, "connection", "connections"))
	default:
		return fmt.Sprintf("%s on %s, until %s", words.Span(length), words.Count(load.Connections, "connection", "connections"), now.Add(length).Format("15:04:05"))
	}
}

func (l liveLine) end() {
	if l.shown {
		fmt.Fprint(l.w, "\r\x1b[K")
	}
}
