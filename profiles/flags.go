package profiles

import (
	"regexp"
	"slices"
	"time"

	"ancmbench"
)

// flagOf maps the key of a rule to the flag that sets it.
var flagOf = map[string]string{
	"models": "--model", "rate": "--rate", "connections": "--connections",
	"launches": "--launches", "engine": "--engine", "max-time": "--max-time", "precision": "--precision",
}

var (
	index         = regexp.MustCompile(`\[[0-9]+\]$`)
	phaseDuration = regexp.MustCompile(`^phases\[[0-9]+\]\.duration$`)
)

// Validate checks a profile against the rules for a file, wherever its values come from.
// It returns Faults, or nil. A Fault's key is the flag that sets the value, if there is
// one.
func Validate(p ancmbench.Profile) error {
	faults := rules(p)
	for i, f := range faults {
		if flag, ok := flagOf[index.ReplaceAllString(f.Key, "")]; ok {
			faults[i].Key = flag
		} else if phaseDuration.MatchString(f.Key) {
			faults[i].Key = "--duration (" + f.Key + ")"
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// Flags are what a command line may change in a profile; nil changes nothing.
type Flags struct {
	Models []ancmbench.Model
	// Rate in requests/s. A rate of 0 is a fault; to choose the rate by the headroom,
	// set the profile's own Rate to the result of ParseRate("auto").
	Rate        *float64
	Connections *int
	// Duration is how long each target is loaded in each latency phase.
	Duration *time.Duration
	Launches *int
	Engine   *string
}

// Apply returns the profile with the flags' values. It fails with the Faults of all flags.
func (f Flags) Apply(p ancmbench.Profile) (ancmbench.Profile, error) {
	c := new(check)
	if f.Models != nil {
		p.Models = slices.Clone(f.Models)
	}
	if f.Rate != nil {
		p.Rate = *f.Rate
		if p.Rate == 0 { // would mean "auto"
			c.none(rateProblem(0), "--rate")
		}
	}
	p.Phases = slices.Clone(p.Phases)
	for i := range p.Phases {
		ph := &p.Phases[i]
		if f.Connections != nil {
			ph.Connections = 0 // the flag is for all phases
		}
		if f.Duration != nil && ph.Kind == ancmbench.Latency {
			ph.Duration = ancmbench.Seconds(*f.Duration)
		}
		if f.Rate != nil && ph.Kind == ancmbench.Latency {
			ph.Arrivals.Rate = 0 // take the flag's rate
		}
	}
	if f.Connections != nil {
		p.Connections = *f.Connections
	}
	if f.Launches != nil {
		p.Launches = *f.Launches
	}
	if f.Engine != nil {
		p.Engine = *f.Engine
	}
	if err := Validate(p); err != nil {
		c.faults = append(c.faults, err.(Faults)...)
	}
	if len(c.faults) > 0 {
		return ancmbench.Profile{}, c.faults
	}
	return p, nil
}
