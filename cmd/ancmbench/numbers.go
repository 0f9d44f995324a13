package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"ancmbench"
)

// The largest numbers that flags accept; a larger one is a typing error.
const (
	mostConnections = 20_000 // one address has about 28,000 ephemeral ports
	mostThreads     = 1024
	mostRate        = 1e9
	leastRate       = 1e-6 // requests per second: one in twelve days
	mostQuantile    = 99.9999
	mostDuration    = 1000 * time.Hour
	longestLoad     = 24 * time.Hour         // of a load that -n ends
	mostRequests    = 100_000_000            // of -n: the end of a load with random gaps is found by drawing them
	mostTimeout     = ancmbench.HistogramMax // a timeout is recorded at its age
	mostWait        = 24 * time.Hour
)

// finite reads a number that can be computed with. It fails on NaN and the infinities,
// which strconv takes for numbers: no bound holds them, and every comparison with them
// is false.
func finite(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
		err = errors.New("not a number")
	}
	return v, err
}

// between reports whether a duration is from 0 to the most.
func between(d, most time.Duration) bool { return d >= 0 && d <= most }

// numeric are the flags whose text is a number with its unit; the others that are
// numbers are read as such by the flags themselves.
var numeric = map[string]bool{"rate": true, "rate2": true, "ramp": true, "at-rate": true, "margin": true, "precision": true, "inject": true,
	"between-runs": true, "slo": true, "max-errors": true, "connections": true, "duration": true, "timeout": true, "budget": true, "requests": true, "threshold": true}

// emptyNumber returns the fault of a number that was given as an empty string, as by a shell
// variable that is not set. It differs from a flag that was not given.
func emptyNumber(flags *pflag.FlagSet) error {
	var faults []error
	flags.Visit(func(f *pflag.Flag) {
		if numeric[f.Name] && strings.TrimSpace(strings.Trim(f.Value.String(), "[]")) == "" {
			faults = append(faults, fmt.Errorf("--%s: is empty: give a number, or leave the flag out", f.Name))
		}
	})
	if len(faults) > 0 {
		return usageError("%w", errors.Join(faults...))
	}
	return nil
}
