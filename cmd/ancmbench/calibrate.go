package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/internal/host"
	"ancmbench/reports"
)

// hostProfile is what calibrate found on a kind of host.
type hostProfile struct {
	Key      string    `json:"fingerprint_key"`
	Made     time.Time `json:"made"`
	Launches int       `json:"launches"`
	Rate     float64   `json:"rate_per_second"`
	// Spread maps metrics to the SD of the log ratios of two copies of one thing.
	Spread map[string]float64 `json:"spread_log"`
}

func newCalibrateCommand() *cobra.Command {
	f := &gateFlags{}
	c := &cobra.Command{
		Use:   "calibrate",
		Short: "Measure a thing against its own copy: the noise of this host, for the gate",
		Long: `Runs the model direct against a second copy of itself in the gate's own design, and
keeps how far the two came apart in a profile of this kind of host. A gate on such a
host then knows the smallest effect that it can tell.`,
		RunE: func(c *cobra.Command, _ []string) error { return calibrate(c, f) },
	}
	c.Flags().IntVar(&f.launches, "launches", 12, "fresh starts")
	c.Flags().StringVar(&f.rate, "rate", "", "open-loop requests per second (empty = the profile's)")
	c.Flags().StringVar(&f.profile, "profile", "gate", "name of an embedded profile, or a file")
	c.Flags().StringVar(&f.out, "out", "", "folder of this run (empty = results/<time>-<profile>)")
	c.Flags().Uint64Var(&f.seed, "seed", 0, "seed of all that is drawn (0 = a new one)")
	c.Flags().BoolVar(&f.quiet, "quiet", false, "no progress")
	return c
}

func calibrate(c *cobra.Command, f *gateFlags) error {
	f.model = string(ancmbench.Direct)
	run, err := measureTwins(c, f)
	if err != nil {
		return err
	}
	spread, err := reports.Gate{}.Spread(run)
	if err != nil {
		return err
	}
	p := hostProfile{Key: host.Key(run.Host), Made: run.Started, Launches: run.LaunchesDone, Rate: rateOf(run), Spread: spread}
	path, err := p.save()
	if err != nil {
		return err
	}
	w := c.OutOrStdout()
	fmt.Fprintf(w, "two copies of one thing, %d fresh starts at %g requests/s; SD of the log ratio:\n", p.Launches, p.Rate)
	for _, name := range slices.Sorted(maps.Keys(spread)) {
		fmt.Fprintf(w, "  %-28s %5.1f %%\n", name, spread[name]*100)
	}
	fmt.Fprintf(w, "kept for hosts like this one in %s\n", path)
	return nil
}

// measureTwins runs two arms that are the same.
func measureTwins(c *cobra.Command, f *gateFlags) (*ancmbench.Run, error) {
	cfg, _, err := gateConfig(c, f, reports.Gate{}, nil)
	if err != nil {
		return nil, err
	}
	twin := cfg.Arms[0]
	twin.Name += " again"
	cfg.Arms = append(cfg.Arms[:1:1], twin)
	cfg.Enough = nil
	return carryOut(c, cfg, f.quiet)
}

// rateOf is the open-loop rate in force.
func rateOf(run *ancmbench.Run) float64 {
	for _, r := range run.Results {
		if r.PhaseKind == ancmbench.Latency && r.Void == "" {
			return r.Arrivals.Rate
		}
	}
	return run.Profile.Rate
}

func hostProfilePath(key string) (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("host profile: %w", err)
	}
	return filepath.Join(dir, "ancmbench", "hosts", key+".json"), nil
}

func (p hostProfile) save() (string, error) {
	path, err := hostProfilePath(p.Key)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", fmt.Errorf("host profile: %w", err)
	}
	return path, ancmbench.WriteWhole(path, func(w io.Writer) error {
		return writeJSON(w, p)
	})
}

// calibrated reads the profile of a kind of host; nil if there is none.
func calibrated(h ancmbench.Host) (map[string]float64, error) {
	path, err := hostProfilePath(host.Key(h))
	if err != nil {
		return nil, nil // no home, no profile
	}
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("host profile: %w", err)
	}
	var p hostProfile
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, fmt.Errorf("host profile %s: %w", path, err)
	}
	return p.Spread, nil
}
