package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// parseSeconds reads a duration above 0 and up to most; a bare number is seconds, as in
// wrk.
func parseSeconds(flag, s string, most time.Duration) (time.Duration, error) {
	text := s
	if _, err := finite(s); err == nil {
		text += "s"
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > most {
		return 0, fmt.Errorf("%s %s: want a duration above 0 and up to %v, as 10s", flag, s, most)
	}
	return d, nil
}

// parseCount reads a whole number above 0 and up to most, with k for thousands.
func parseCount(flag, s string, most int64) (int64, error) {
	v, err := scaled(s)
	if err != nil || v < 1 || v > float64(most) || v != float64(int64(v)) {
		return 0, fmt.Errorf("%s %s: want a whole number above 0 and up to %d, as 64 or 1k", flag, s, most)
	}
	return int64(v), nil
}

// endOf returns when the load ends: after -d, after -n requests, or at whichever comes
// first.
func endOf(f *loadFlags, load *ancmbench.Load) error {
	d, err := parseSeconds("-d, --duration", f.duration, mostDuration)
	load.Duration = ancmbench.Seconds(d)
	if f.requests == "" || err != nil {
		return err
	}
	n, err := parseCount("-n, --requests", f.requests, mostRequests)
	switch a := load.Arrivals; {
	case err != nil:
		return err
	case f.slo != "":
		return errors.New("-n, --requests is for one load, and --slo runs many")
	case a.Kind == ancmbench.Ramp:
		return errors.New("-n, --requests goes with one rate, and --ramp has many: give -d")
	case !a.Open():
		load.Requests = n
		if !f.durationGiven {
			load.Duration = ancmbench.Seconds(longestLoad)
		}
	case f.durationGiven:
		return errors.New("-d, -n and -r exclude each other: two of them determine the third")
	case a.Rate > 0:
		if longest := float64(longestLoad.Seconds()); float64(n)/a.Rate > longest {
			return fmt.Errorf("-n, --requests %s: take more than %s at %g/s", f.requests, longestLoad, a.Rate)
		}
		load.Duration = ancmbench.Seconds(loadgen.LengthFor(a, n))
	}
	return nil
}

// takeUnseen is --insecure.
func takeUnseen(f *loadFlags, t *ancmbench.Target) error {
	switch {
	case !f.insecure:
		return nil
	case f.caCert != "":
		return errors.New("--insecure and --cacert exclude each other: accept any certificate, or verify it")
	case t.Scheme != "https":
		return errors.New("--insecure: the URL does not begin with https://")
	}
	t.Insecure = true
	return nil
}

// maxErrors limits the failures by number or by share.
type maxErrors struct {
	count int64
	share float64 // in [0,1], if by
	by    bool    // by share
}

func parseMaxErrors(s string) (maxErrors, error) {
	if text, ok := strings.CutSuffix(s, "%"); ok {
		v, err := finite(text)
		if err != nil || v < 0 || v > 100 {
			return maxErrors{}, fmt.Errorf("--max-errors %s: want 0%% to 100%%", s)
		}
		return maxErrors{share: v / 100, by: true}, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return maxErrors{}, fmt.Errorf("--max-errors %s: want a number from 0 on, or a share as 1%%", s)
	}
	return maxErrors{count: n}, nil
}

func (m maxErrors) exceededBy(o ancmbench.Outcomes) bool {
	if m.by {
		return o.ErrorShare() > m.share
	}
	return o.Errors() > m.count
}

// stopShare returns the share of failed requests beyond which the load stops; 0 is never. It
// is at least the share that --max-errors allows.
func stopShare(f *loadFlags) (float64, error) {
	text, isShare := strings.CutSuffix(f.stopAtErrors, "%")
	v, err := finite(text)
	if !isShare || err != nil || v <= 0 || v > 100 {
		return 0, fmt.Errorf("--stop-at-errors %s: want a share above 0%% and up to 100%%", f.stopAtErrors)
	}
	share := v / 100
	if allowed, err := parseMaxErrors(f.maxErrors); err == nil && allowed.by {
		share = max(share, allowed.share)
	}
	return share, nil
}
