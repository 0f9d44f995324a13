package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/internal/clean"
	"ancmbench/reports/figures"
	"ancmbench/reports/words"
)

// carryOut runs an experiment on the machines of the flags, nil or none of which mean this
// one alone, and shows its progress. The error of an interrupt says how far
// the run came and where its results are.
func carryOut(c *cobra.Command, cfg experiment.Config, quiet bool, machines *fleetFlags) (_ *ancmbench.Run, err error) {
	show := newProgress(c.ErrOrStderr(), quiet)
	if machines == nil {
		machines = &fleetFlags{}
	}
	said := fleetOutput(c, quiet || !machines.used())
	all, err := openFleet(c.Context(), machines, fleetPurpose{serves: true, said: said, allow: targetAddresses(cfg.Targets), engine: enginesOf(&cfg)})
	if err != nil {
		return &ancmbench.Run{}, err
	}
	defer func() { err = errors.Join(err, all.close()) }()
	all.configure(&cfg)
	if machines.used() {
		show.states = append(show.states, all.States)
	}
	cfg.Progress = show.event
	defer show.end()
	run, err := experiment.Run(c.Context(), cfg)
	if c.Context().Err() != nil {
		err = coded(exitInterrupted, "interrupted after %d of %d fresh starts; what was measured is in %s",
			run.LaunchesDone, run.Profile.Launches, cfg.Dir)
	}
	var path *experiment.WrongPath
	if errors.As(err, &path) {
		err = fmt.Errorf("%w: give the path to request, as --path=/health", path)
	}
	return shownRun(run), err
}

// progress shows the progress of a run: a bar on a terminal, elsewhere a plain line per fresh
// start, and nothing when quiet. It writes only when a phase begins, before its load: nothing
// is drawn while something is measured, because that takes time from what is measured.
type progress struct {
	w     io.Writer
	bar   bool
	width int
	quiet bool
	// states say what the other machines do; none if there are no others.
	states []func() string
	last   int // the fresh start of the last plain line
}

func newProgress(w io.Writer, quiet bool) *progress {
	return &progress{w: w, quiet: quiet, last: -1, bar: isTerminal(w), width: width(w)}
}

func (p *progress) event(e experiment.Event) {
	switch {
	case p.quiet || e.Phase == "":
	case p.bar:
		fmt.Fprint(p.w, "\r"+barLine(e, soFar(e)+p.others(), p.width)+"\x1b[K")
	case e.Launch != p.last:
		p.last = e.Launch
		estimate := soFar(e)
		if estimate != "" {
			estimate = "  " + estimate
		}
		fmt.Fprintf(p.w, "fresh start %d of %d, about %s left%s\n", e.Launch+1, e.Launches, words.Span(e.Left), estimate+p.others())
	}
}

func soFar(e experiment.Event) string { return clean.Terminal(figures.Progress(e.Run)) }

func (p *progress) end() {
	if p.bar && !p.quiet {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// others says what the other machines do.
func (p *progress) others() (text string) {
	for _, state := range p.states {
		text += "  " + clean.Terminal(state())
	}
	return text
}

// The bar is as long as the line has room for, between these. Its brackets and the gap behind
// it take four columns.
const shortestBar, longestBar, besideBar = 8, 30, 4

// barLine writes the progress as one line that is shorter than the terminal is wide: a bar,
// the fresh start, the phase, the time left, and as much of the estimate so far as fits.
func barLine(e experiment.Event, estimate string, width int) string {
	start := fmt.Sprintf("fresh start %d/%d", min(e.Launch+1, e.Launches), e.Launches)
	phase, left := words.Short(clean.Terminal(e.Phase), 16), words.Span(e.Left)+" left"
	interval, _, _ := strings.Cut(estimate, " after ")
	ratio, _, _ := strings.Cut(interval, " [")
	line := ""
	for _, parts := range [][]string{{start, fmt.Sprintf("%-10s", phase), left, estimate}, {start, phase, left, interval}, {start, phase, left, ratio}, {start, phase, left}, {start, left}} {
		if line = strings.TrimRight(strings.Join(parts, "  "), " "); text.StringWidth(line)+besideBar+shortestBar < width {
			break
		}
	}
	room := min(width-1-text.StringWidth(line)-besideBar, longestBar)
	if total := e.Elapsed + e.Left; room >= shortestBar && total > 0 {
		done := min(int(int64(room)*int64(e.Elapsed)/int64(total)), room)
		return "[" + strings.Repeat("=", done) + strings.Repeat(" ", room-done) + "]  " + line
	}
	return words.Short(line, max(width-1, 1)) // of a terminal narrower than any bar
}
