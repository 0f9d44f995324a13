package experiment

import (
	"fmt"
	"slices"
	"strings"

	"ancmbench"
)

// Check returns an error if nothing would be measured: if the targets carry out no phase
// of the profile that is counted. It names each of those phases and why none of the
// targets carries it out.
func (c Config) Check() error {
	if len(c.Targets) == 0 {
		return fmt.Errorf("profile %s: nothing would be measured: there is no target", c.Profile.Name)
	}
	var whys []string
	for _, ph := range c.Profile.Phases {
		if ph.Kind == ancmbench.WarmUp {
			continue
		}
		if len(carriers(c.Targets, ph, c.FindPeak)) > 0 {
			return nil
		}
		var why string
		for _, a := range c.Targets {
			if why == "" {
				why = a.refuses(ph, c.FindPeak)
			}
		}
		whys = append(whys, fmt.Sprintf("phase %s (%s) %s", ph.Name, ph.Kind, why))
	}
	if whys == nil {
		return fmt.Errorf("profile %s: nothing would be measured: it has no phase that is counted", c.Profile.Name)
	}
	return fmt.Errorf("profile %s: nothing would be measured: %s", c.Profile.Name, strings.Join(whys, "; "))
}

// carries tells whether a target can be asked for a phase, and may be.
func (s TargetSpec) carries(ph ancmbench.Phase, findPeak bool) bool {
	return s.refuses(ph, findPeak) == ""
}

// refuses says why a target cannot be asked for a phase, or may not be; "" if it can.
func (s TargetSpec) refuses(ph ancmbench.Phase, findPeak bool) string {
	switch {
	case (ph.Kind == ancmbench.ColdStart || ph.Kind == ancmbench.Recovery) && s.Model == "":
		return "is for hosting models, which start on their first request"
	case ph.Kind == ancmbench.Recovery && !slices.Contains(s.roles(), ancmbench.Role(ph.Kill)):
		return "is for models that have the process it kills, " + ph.Kill
	case (ph.Kind == ancmbench.Peak || ph.Kind == ancmbench.Sweep) && s.foreign() && !findPeak:
		// How much a server of others may get is for them to say.
		return "goes as fast as a server can: allow it on servers that ancmbench did not start with --find-peak"
	case ph.Kind == ancmbench.Sweep && s.TwinOf != "":
		// How far it goes is the baseline's own answer, and overload is dear.
		return "is not for the second copy of a target"
	case ph.Front != "" && !s.Model.HasFronts():
		return "is for bundled models that have the front " + ph.Front
	case ph.Engine != "" && ph.Kind != ancmbench.CrossCheck && s.Model == "":
		return "is for hosting models, whose app speaks WebSocket"
	case s.Target.Workload.Requests != nil && ph.Factor != "" && ph.Factor != ancmbench.FactorConnections:
		// The other points of a curve rest on the profile's workloads.
		return "varies what is asked for, and the targets are asked for a path of their own"
	}
	return ""
}

// roles lists the roles of the processes that a launch starts for the target; nil for a
// server that it does not start.
func (s TargetSpec) roles() []ancmbench.Role {
	switch {
	case s.foreign():
		return nil
	case s.Command != nil:
		return []ancmbench.Role{ancmbench.RoleServer}
	case s.Model.Proxy():
		return append([]ancmbench.Role{ancmbench.RoleProxy}, rolesOf(ancmbench.Direct)...)
	}
	return rolesOf(s.Model)
}
