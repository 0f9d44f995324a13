package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/internal/clean"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// runList is what runs prints as JSON, the newest run first.
type runList struct {
	Version int          `json:"version"`
	Folder  string       `json:"folder"`
	Runs    []listedRun  `json:"runs"`
	Damaged []damagedRun `json:"damaged"`
}

// listedRun is one run in a list.
type listedRun struct {
	Dir     string             `json:"dir"`
	Started time.Time          `json:"started"`
	Elapsed ancmbench.Seconds  `json:"elapsed_seconds"`
	Subject ancmbench.Subject  `json:"subject"`
	Profile string             `json:"profile"`
	State   ancmbench.RunState `json:"state"`
	// Launches of Planned fresh starts count.
	Launches int    `json:"launches_done"`
	Planned  int    `json:"launches_planned"`
	Seed     uint64 `json:"seed"`
	Tool     string `json:"tool_version"`
	Baseline string `json:"baseline"`
	// Penalties are of the median latency, one per target; none where nothing was compared.
	Penalties []listedPenalty `json:"penalties"`
}

// listedPenalty is a target's median latency over the baseline's.
type listedPenalty struct {
	Target string          `json:"target"`
	Metric string          `json:"metric"`
	Rate   float64         `json:"rate_per_second,omitempty"`
	Ratio  *stats.Estimate `json:"ratio"`
}

// damagedRun is a folder whose results cannot be read, and why.
type damagedRun struct {
	Dir string `json:"dir"`
	Why string `json:"why"`
}

func newRunsCommand() *cobra.Command {
	var v verbosity
	c := &cobra.Command{
		Use:   "runs [DIR]",
		Short: "List the runs in " + resultsDir + "/: when, of what, and the penalty that they found",
		Long: `Lists the runs in a folder, the newest first: its folder, when it began, its subject, its
profile and the loopback penalty of the median response time with its 95 % interval. A
folder whose results cannot be read is named with the reason.`,
		Example: `  ancmbench runs
  ancmbench runs results --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			dir := append(args, resultsDir)[0]
			list, err := listRuns(dir)
			if errors.Is(err, fs.ErrNotExist) && len(args) == 0 {
				list, err = &runList{Version: 1, Folder: dir, Runs: []listedRun{}, Damaged: []damagedRun{}}, nil
			}
			if err != nil {
				return err
			}
			return showRuns(c.OutOrStdout(), list, v)
		},
	}
	addVerbosity(c, &v, verbosityHelp{"print the folders alone, one a line", "print how long it took, its fresh starts, seed and version as well", "print one JSON object"})
	return c
}

// listRuns reads every folder below dir that is a run, or should be one.
func listRuns(dir string) (*runList, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("runs: %w", err)
	}
	list := &runList{Version: 1, Folder: dir, Runs: []listedRun{}, Damaged: []damagedRun{}}
	for _, e := range entries {
		at := filepath.Join(dir, e.Name())
		if info, err := os.Stat(at); err != nil || !info.IsDir() {
			continue // the history, or a file of the user's
		}
		one, err := listed(at)
		if err != nil {
			list.Damaged = append(list.Damaged, damagedRun{clean.Terminal(at), clean.Terminal(err.Error())})
			continue
		}
		list.Runs = append(list.Runs, one)
	}
	slices.SortStableFunc(list.Runs, func(a, b listedRun) int {
		return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(b.Dir, a.Dir))
	})
	return list, nil
}

func listed(dir string) (listedRun, error) {
	if _, err := os.Stat(filepath.Join(dir, ancmbench.ResultFile)); errors.Is(err, fs.ErrNotExist) {
		return listedRun{}, fmt.Errorf("holds no %s", ancmbench.ResultFile)
	}
	run, err := readRun(dir)
	if err != nil {
		return listedRun{}, err
	}
	a, err := figures.Analyse(run)
	if err != nil {
		return listedRun{}, err
	}
	one := listedRun{Dir: clean.Terminal(dir), Started: run.Started, Elapsed: run.Elapsed, Subject: run.Subject, Profile: run.Profile.Name, State: run.State,
		Launches: run.LaunchesDone, Planned: run.Profile.Launches, Seed: run.Seed, Tool: run.Tool.Version, Baseline: a.Baseline, Penalties: []listedPenalty{}}
	for _, t := range a.Targets {
		if s, ok := a.Statement(a.Median(), t); ok && s.Ratio != nil {
			one.Penalties = append(one.Penalties, listedPenalty{t, s.Metric, s.Rate, s.Ratio})
		}
	}
	return one, nil
}

func showRuns(w io.Writer, list *runList, v verbosity) error {
	if v.asJSON {
		return writeJSON(w, list)
	}
	p := page.NewScreen(page.Options{Width: width(w), Color: colored(w)})
	switch {
	case v.quiet:
		for _, r := range list.Runs {
			p.Line(r.Dir)
		}
	case len(list.Runs)+len(list.Damaged) == 0:
		p.Para("", "no runs in "+clean.Terminal(list.Folder)+": 'ancmbench run' makes the first", text.Reset)
	default:
		writeRuns(p, list, v.verbose)
	}
	_, err := w.Write(p.Buf.Bytes())
	return err
}

// shortSubject returns the subject without what it is not: "reference models".
func shortSubject(s ancmbench.Subject) string {
	short, _, _ := strings.Cut(string(s), " (")
	short, _, _ = strings.Cut(short, ",")
	return words.Short(short, 30)
}

func writeRuns(p *page.Screen, list *runList, verbose bool) {
	t := page.NewTable()
	head := table.Row{"started", "profile", "penalty", "subject", "folder"}
	if verbose {
		head = append(head, "took", "fresh starts", "seed", "version")
	}
	t.AppendHeader(head)
	for _, r := range list.Runs {
		row := table.Row{r.Started.UTC().Format("2006-01-02 15:04Z"), words.Short(r.Profile, 20), penaltyCell(r), shortSubject(r.Subject), r.Dir}
		if verbose {
			row = append(row, words.Span(r.Elapsed.D()), fmt.Sprintf("%d of %d", r.Launches, r.Planned), fmt.Sprint(r.Seed), r.Tool)
		}
		t.AppendRow(row)
	}
	if len(list.Runs) > 0 {
		p.Para("", "The loopback penalty of the median response time, with its 95 % interval:", text.Reset)
		t.SetColumnConfigs([]table.ColumnConfig{})
		p.Raw(page.Fit(t, p.Width))
	}
	for _, d := range list.Damaged {
		p.Para("damaged  ", d.Dir+": "+d.Why, text.FgYellow)
	}
}

// penaltyCell writes the penalty of a run in a few words: of the last target, and from the
// least to the most where there are several.
func penaltyCell(r listedRun) string {
	mark := ""
	if r.State != ancmbench.Complete {
		mark = " (" + string(r.State) + ")"
	}
	switch n := len(r.Penalties); {
	case n == 0:
		return words.Absent + mark
	case n == 1:
		return stats.Ratio(r.Penalties[0].Ratio) + mark
	}
	least, most := r.Penalties[0], r.Penalties[0]
	for _, x := range r.Penalties {
		if x.Ratio.Value < least.Ratio.Value {
			least = x
		}
		if x.Ratio.Value > most.Ratio.Value {
			most = x
		}
	}
	names := []string{words.Times(least.Ratio.Value, 0) + "x " + words.Short(least.Target, 20), words.Times(most.Ratio.Value, 0) + "x " + words.Short(most.Target, 20)}
	return strings.Join(names, " to ") + mark
}
