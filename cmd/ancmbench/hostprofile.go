package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ancmbench"
	"ancmbench/internal/clean"
	"ancmbench/internal/host"
	"ancmbench/reports/gate"
	"ancmbench/reports/words"
)

// hostProfile is what calibrate found on a kind of host.
type hostProfile struct {
	Key      string    `json:"fingerprint_key"`
	Made     time.Time `json:"made"`
	Launches int       `json:"launches"`
	Rate     float64   `json:"rate_per_second"`
	// Spread maps metrics to the SD of the log ratios of two copies of one thing.
	Spread map[string]float64 `json:"spread_log"`
	// Attenuation is nil where it was not measured.
	Attenuation *hostAttenuation `json:"attenuation,omitempty"`
}

// hostAttenuation is how much of a true effect a duel showed on a kind of host.
type hostAttenuation struct {
	gate.Attenuation
	Made time.Time `json:"made"`
	Rate float64   `json:"rate_per_second"`
}

// doubt returns why the attenuation is not known well enough to be used, and "" if it is.
func (a *hostAttenuation) doubt() string {
	const half, least = 0.15, 0.3
	switch i := a.Share.Interval; {
	case i == nil || i.High-i.Low > 2*half:
		return "it is known only to within more than 15 %"
	case a.Share.Value < least:
		return "too little of an effect shows to rely on it"
	}
	return ""
}

func hostProfilePath(key string) (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("host profile: %w", err)
	}
	return filepath.Join(dir, "ancmbench", "hosts", key+".json"), nil
}

func (p *hostProfile) save() (string, error) {
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

// tryHostProfile finds out whether a profile can be kept, and the one that is there be
// read.
func tryHostProfile() error {
	h := host.Fingerprint()
	path, err := hostProfilePath(h.Key())
	if err != nil {
		return err
	}
	if err := canMake(filepath.Dir(path)); err != nil {
		return fmt.Errorf("host profile (--measure-only keeps none): %w", err)
	}
	_, err = readHostProfile(h)
	return err
}

// readHostProfile reads the profile of a kind of host; nil if there is none.
func readHostProfile(h ancmbench.Host) (*hostProfile, error) {
	path, err := hostProfilePath(h.Key())
	if err != nil {
		return nil, nil // no home, no profile
	}
	b, err := ancmbench.ReadWhole(path, 1<<20)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("host profile: %w", err)
	}
	p := new(hostProfile)
	if err := ancmbench.UnmarshalBounded(b, p); err != nil {
		return nil, fmt.Errorf("host profile %s: %w", path, err)
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("host profile %s: %w", path, err)
	}
	return p, nil
}

// check returns an error for figures with which a gate could not decide, or would decide
// anything.
func (p *hostProfile) check() error {
	const widest = 10 // of a log ratio: 22,000-fold
	for name, sd := range p.Spread {
		if !(sd >= 0 && sd <= widest) {
			return fmt.Errorf("spread of %s: %v is not in 0 to %d", clean.Terminal(name), sd, widest)
		}
	}
	a := p.Attenuation
	if a == nil {
		return nil
	}
	figures := []float64{a.Share.Value}
	if i := a.Share.Interval; i != nil {
		figures = append(figures, i.Low, i.High)
	}
	for _, v := range figures {
		if !(v >= -widest && v <= widest) {
			return fmt.Errorf("attenuation: a share of %v", v)
		}
	}
	return nil
}

// calibrated returns the gate with what is known of the host that it judges on.
func calibrated(g gate.Gate, h ancmbench.Host) (gate.Gate, error) {
	p, err := readHostProfile(h)
	if p == nil || err != nil {
		return g, err
	}
	g.Calibrated = p.Spread
	if a := p.Attenuation; a != nil && a.doubt() == "" {
		g.Attenuation = min(1, a.Share.Value)
		g.AttenuationFrom = fmt.Sprintf("measured on this kind of host on %s at %s requests/s: %.0f %% [%.0f, %.0f]",
			a.Made.Format(time.DateOnly), words.Plain6(a.Rate), 100*a.Share.Value, 100*a.Share.Interval.Low, 100*a.Share.Interval.High)
	}
	return g, nil
}
