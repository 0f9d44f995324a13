package experiment

import (
	"slices"

	"ancmbench"
)

// loadHosts returns how many other machines send the load; 0 if this one does.
func (c Config) loadHosts() (n int) {
	for _, m := range c.Machines {
		if m.Load {
			n++
		}
	}
	return n
}

// single reports whether a trial takes the time of single requests, which one load host
// sends.
func single(t ancmbench.Trial) bool {
	return t.Phase.Kind == ancmbench.ColdStart || t.Phase.Kind == ancmbench.Recovery
}

// apart reports whether the generator has a machine of its own.
func (c Config) apart() bool { return len(c.Machines) > 0 }

// serverCores returns the cores of the machine that runs the servers.
func (r *runner) serverCores() float64 {
	if i := slices.IndexFunc(r.cfg.Machines, func(m ancmbench.Machine) bool { return m.Serve }); i >= 0 {
		return r.cfg.Machines[i].Host.CoresAllowed
	}
	return r.run.Host.CoresAllowed
}
