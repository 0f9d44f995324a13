package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
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
func carryOut(c *cobra.Command, cfg experiment.Config, quiet bool, machines *fleetFlags) (*ancmbench.Run, error) {
	show := newProgress(c.ErrOrStderr(), quiet)
	if machines == nil {
		machines = &fleetFlags{}
	}
	said := fleetOutput(c, quiet || !machines.used())
	all, err := openFleet(c.Context(), machines, fleetPurpose{serves: true, said: said, allow: targetAddresses(cfg.Targets), engine: enginesOf(&cfg)})
	if err != nil {
		return &ancmbench.Run{}, err
	}
	defer all.close()
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

// progress shows the progress of a run: a live line on a terminal, elsewhere a plain line
// per fresh start, and nothing when quiet.
type progress struct {
	w     io.Writer
	bar   *progressbar.ProgressBar
	quiet bool
	// states say what the other machines do; none if there are no others.
	states []func() string
	last   int // the fresh start of the last plain line
}

func newProgress(w io.Writer, quiet bool) *progress {
	p := &progress{w: w, quiet: quiet, last: -1}
	if !quiet && isTerminal(w) {
		p.bar = progressbar.NewOptions(1,
			progressbar.OptionSetWriter(w), progressbar.OptionSetWidth(20),
			progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false),
			progressbar.OptionThrottle(50*time.Millisecond), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetTheme(progressbar.Theme{Saucer: "=", SaucerHead: ">", SaucerPadding: " ", BarStart: "[", BarEnd: "]"}))
	}
	return p
}

func (p *progress) event(e experiment.Event) {
	switch {
	case p.quiet || e.Phase == "":
	case p.bar != nil:
		p.live(e)
	case e.Launch != p.last:
		p.last = e.Launch
		fmt.Fprintf(p.w, "fresh start %d of %d, about %s left%s\n", e.Launch+1, e.Launches, words.Span(e.Left), soFar(e))
	}
}

func (p *progress) live(e experiment.Event) {
	total := e.Elapsed + e.Left
	p.bar.ChangeMax64(max(int64(total/time.Millisecond), 1))
	p.bar.Describe(fmt.Sprintf("fresh start %d/%d  %-10s  %s left%s", e.Launch+1, e.Launches, clean.Terminal(e.Phase), words.Span(e.Left), soFar(e)+p.others()))
	_ = p.bar.Set64(int64(e.Elapsed / time.Millisecond))
}

// others says what the other machines do.
func (p *progress) others() (text string) {
	for _, state := range p.states {
		text += "  " + clean.Terminal(state())
	}
	return text
}

func soFar(e experiment.Event) string {
	if s := figures.Progress(e.Run); s != "" {
		return "  " + clean.Terminal(s)
	}
	return ""
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
