package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ancmbench/reports/gate"
	"ancmbench/reports/render"
	"ancmbench/reports/stats"
)

// book is the document with the tables.
type book struct {
	path, dir string
	runs      int
	seed      uint64
	// attenuation is the attenuation that a gate on the recording's host would use.
	attenuation float64
}

const (
	begin = "<!-- error rates: scripts/error-rates.sh writes from here"
	end   = "<!-- error rates: to here -->"
	// fewest fresh starts to draw pseudo-runs from; 120 are wanted, for rates of 1 %.
	fewest = 20
	wanted = 120
	// block is how many consecutive fresh starts are drawn together in the second view:
	// two batches, so that slow changes of the machine are partly kept.
	block = 10
)

// injections are the injected effects that may have a recording.
var injections = []string{"p50", "p90", "cpu"}

// metricOf returns the name of the metric for a word of --metric.
func metricOf(word string) string {
	if word == "cpu" {
		return "cpu_seconds_per_request"
	}
	return "response_" + word + "_seconds"
}

// write puts the tables between the marks of the document.
func (b book) write() error {
	text, err := b.tables()
	if err != nil {
		return err
	}
	old, err := os.ReadFile(b.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(b.path, []byte(placed(string(old), text)), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: the tables are written\n%s", b.path, text)
	return nil
}

// placed puts text between the marks; a document without marks gets a new section.
func placed(doc, text string) string {
	whole := begin + " -->\n\n" + text + "\n" + end
	from := strings.Index(doc, begin)
	to := strings.Index(doc, end)
	if from >= 0 && to > from {
		return doc[:from] + whole + doc[to+len(end):]
	}
	if doc == "" {
		doc = "# The method, shown\n"
	}
	return strings.TrimRight(doc, "\n") + "\n\n## Error rates of the gate\n\n" + whole + "\n"
}

// tables returns all tables for the recordings.
func (b book) tables() (string, error) {
	var w bytes.Buffer
	twins, batches, err := readRecording(filepath.Join(b.dir, "aa-launches.jsonl"))
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&w, "Recorded: %s\n\n", conditions("two copies of the model direct (A/A)", len(twins), batches))
	if len(twins) < wanted {
		fmt.Fprintf(&w, "**Fewer than the %d fresh starts that the bounds are stated for.**\n\n", wanted)
	}
	if len(twins) >= fewest {
		if err := b.drawn(&w, twins); err != nil {
			return "", err
		}
	}
	if err := quietness(&w, twins); err != nil {
		return "", err
	}
	err = b.stretches(&w, twins)
	return w.String(), err
}

// quietness writes the spread of the gate's figures from the duel and from the slices of
// the same fresh starts.
func quietness(w *bytes.Buffer, launches []gate.RecordedLaunch) error {
	spread, err := gate.SpreadOf(launches)
	if err != nil {
		return err
	}
	var parts []string
	for _, word := range injections {
		if alternating, ok := spread[metricOf(word)+"/slices"]; ok {
			parts = append(parts, fmt.Sprintf("%s %.1f %% and %.1f %%", word, 100*spread[metricOf(word)], 100*alternating))
		}
	}
	if parts != nil {
		fmt.Fprintf(w, "SD of the log ratio over these fresh starts, request by request, which the gate reads, and in their slices: %s.\n\n", strings.Join(parts, ", "))
	}
	return nil
}

// drawn writes the error rates from pseudo-runs.
func (b book) drawn(w *bytes.Buffer, launches []gate.RecordedLaunch) error {
	var all []*gate.ErrorRates
	for _, size := range []int{1, block} {
		for _, metric := range []string{"", metricOf("p50"), metricOf("p90"), metricOf("cpu")} {
			r := gate.Resampling{Launches: launches, Runs: b.runs, Seed: b.seed, Metric: metric, Block: size,
				Gate: gate.Gate{Attenuation: b.attenuation}}
			if metric != "" {
				r.Effect, r.Swap = 0.05, true
			}
			rates, err := r.Rates()
			if err != nil {
				return err
			}
			all = append(all, rates)
		}
	}
	fmt.Fprint(w, "The bounds of a gated metric: false failures at most 1 %, a true +5 % in it found at least 90 %, passed at most 5 %.\n")
	fmt.Fprint(w, "A pseudo-run draws whole fresh starts with replacement, one by one, or in blocks of neighbours as a second view;\n")
	fmt.Fprint(w, "an injected effect is added to the recorded one, and there the sides of each drawn start are swapped by the toss of a\n")
	fmt.Fprint(w, "coin, for copies of one thing are alike from either side (false failures are counted as recorded, where a bias would\n")
	fmt.Fprint(w, "show). The brackets do not cover the luck of the recording.\n\n")
	if b.attenuation > 0 {
		fmt.Fprintf(w, "Of what is injected a duel is taken to show %.2f on the log scale, and the gate to know it.\n\n", b.attenuation)
	}
	return render.ErrorRatesMarkdown(w, all)
}

// stretches writes the error rates of real gates, made of parts of the recordings.
func (b book) stretches(w *bytes.Buffer, twins []gate.RecordedLaunch) error {
	var titles, notes []string
	var all []*gate.Stretches
	add := func(title string, g gate.Gate, launches []gate.RecordedLaunch) error {
		if len(launches) < fewest {
			return nil
		}
		s, err := gate.Resampling{Gate: g, Launches: launches}.Stretches()
		if err == nil {
			titles, all = append(titles, title), append(all, s)
		}
		return err
	}
	errs := []error{add("A/A", gate.Gate{}, twins)}
	for _, metric := range injections {
		launches, batches, err := readRecording(filepath.Join(b.dir, "injected-"+metric+"-launches.jsonl"))
		if errs = append(errs, err); len(launches) == 0 || err != nil {
			continue
		}
		title := "+" + batches[0].Inject + " of " + metric
		notes = append(notes, conditions(title+" by "+batches[0].Extra+" of work per request", len(launches), batches)+truth(launches, metric))
		// As selftest does: the injected metric alone.
		g := gate.Gate{Metrics: []gate.GatedMetric{{Name: metricOf(metric), Margin: 0.05}}}
		errs = append(errs, add(title, g, launches))
	}
	for _, n := range notes {
		fmt.Fprintf(w, "\nRecorded: %s\n", n)
	}
	if len(all) > 0 {
		fmt.Fprint(w, "\nReal gates: stretches of these recordings that follow each other and do not overlap, each judged from its own first\n")
		fmt.Fprint(w, "look as a live gate judges. They are stretches of one recording, not gates of many days: what the hour was like they\n")
		fmt.Fprint(w, "share. In brackets the exact 95 % interval of the share.\n\n")
		errs = append(errs, render.StretchesMarkdown(w, titles, all))
	}
	return errors.Join(errs...)
}

// truth writes the true size of an injected effect, and the size that the gate measured.
func truth(launches []gate.RecordedLaunch, metric string) string {
	name := metricOf(metric)
	e, err := gate.EffectOf(launches, name)
	if err != nil {
		return " " + err.Error()
	}
	s := " True size, in alternating slices: " + worse(e.Slices)
	if e.Duel != nil {
		s += "; as the gate reads it, request by request: " + worse(*e.Duel)
		if a, err := gate.AttenuationOf(launches, name); err == nil && a.Share.Interval != nil {
			s += fmt.Sprintf("; attenuation %.2f [%.2f, %.2f]", a.Share.Value, a.Share.Interval.Low, a.Share.Interval.High)
		}
	}
	return s + "."
}

func worse(e stats.Estimate) string {
	s := fmt.Sprintf("%+.1f %%", 100*(e.Value-1))
	if e.Interval != nil {
		s += fmt.Sprintf(" [%+.1f, %+.1f]", 100*(e.Interval.Low-1), 100*(e.Interval.High-1))
	}
	return s
}

// conditions returns the conditions under which a recording was made.
func conditions(what string, launches int, batches []batch) string {
	s := fmt.Sprintf("%s, %d fresh starts", what, launches)
	if len(batches) == 0 {
		return s + "."
	}
	var seconds float64
	var rates, hosts []string
	for _, x := range batches {
		seconds += x.Elapsed.Float()
		rates = append(rates, fmt.Sprintf("%g/s", x.Rate))
		hosts = append(hosts, fmt.Sprintf("%s/%s, %d cores, %s", x.OS, x.Arch, x.Cores, x.Go))
	}
	first, last := batches[0], batches[len(batches)-1]
	return s + fmt.Sprintf(" in %d batches from %s to %s UTC, %s on each side, %.1f s each with start and warm-up (so %d take %.1f minutes), engine %s, %s.",
		len(batches), first.Started.UTC().Format("2006-01-02 15:04"), last.Started.UTC().Format("2006-01-02 15:04"),
		each(rates), seconds/float64(launches), 20, 20*seconds/float64(launches)/60, first.Engine, each(hosts))
}

// each lists the different ones.
func each(xs []string) string {
	xs = slices.Clone(xs)
	slices.Sort(xs)
	return strings.Join(slices.Compact(xs), " and ")
}
