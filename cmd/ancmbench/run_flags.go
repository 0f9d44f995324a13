package main

import (
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/profiles"
)

// runFlags are the flags of run as they were typed.
type runFlags struct {
	verbosity
	model, profile, engine, front, out string
	targets, processes                 []string
	caCert                             string
	rate                               string
	connections, launches              int
	duration                           time.Duration
	seed                               uint64
	findPeak, details                  bool
	crossCheck                         bool
	vegetaResults                      string
	written                            *requestsFile // of vegetaResults
	webConfig, app, module, pathBase   string
	over                               overFlags
	asked                              requestFlags
	server                             serverFlags
	native                             nativeFlags
	precision, metrics, history        string
	maxTime                            time.Duration
	// own says that the profile's workloads are meant for servers of the user's.
	own bool
	// stored is the run that is measured again, by its own profile; nil if there is none.
	stored *ancmbench.Run
	fleet  fleetFlags
}

// ownRequests reports whether the requests are the user's own choice, not those that an
// embedded profile makes to ancmbench's own app.
func (f *runFlags) ownRequests() bool {
	if f.stored != nil { // they were, where its results are of workloads of the profile
		return slices.ContainsFunc(f.stored.Results, func(r ancmbench.Result) bool {
			return slices.ContainsFunc(f.stored.Profile.Workloads, func(w ancmbench.Workload) bool { return w.Name == r.Workload })
		})
	}
	return f.own
}

// override applies the flags to the profile, each checked under its own name, and returns
// all faults at once. The length of a run is checked only against the profile that the user
// named.
func override(c *cobra.Command, f *runFlags, p *ancmbench.Profile, meant bool) error {
	changed := c.Flags().Changed
	var set profiles.Flags
	var faults []error
	if changed("rate") {
		rate, err := parseRateOrAuto(f.rate)
		if err != nil {
			faults = append(faults, usageError("--rate %s: %w", f.rate, err))
		} else {
			set.Rate = &rate
		}
	}
	if changed("connections") {
		set.Connections = &f.connections
	}
	if changed("launches") {
		set.Launches = &f.launches
	}
	if changed("duration") && meant {
		set.Duration = &f.duration
	}
	if changed("engine") {
		set.Engine = &f.engine
	}
	if changed("max-time") && f.maxTime != 0 && meant {
		p.MaxTime = ancmbench.Seconds(f.maxTime)
	}
	if changed("precision") {
		share, err := parseShare(f.precision)
		if err != nil {
			faults = append(faults, usageError("--precision %s: %w", f.precision, err))
		} else {
			p.Precision = share
		}
	}
	changedProfile, err := set.Apply(*p)
	if err != nil {
		faults = append(faults, usageError("%w", err))
	} else {
		*p = changedProfile
	}
	return errors.Join(faults...)
}
