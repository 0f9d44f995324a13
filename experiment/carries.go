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
				why = refuses(a, ph, c.FindPeak)
			}
		}
		whys = append(whys, fmt.Sprintf("phase %s (%s) %s", ph.Name, ph.Kind, why))
	}
	if whys == nil {
		return fmt.Errorf("profile %s: nothing would be measured: it has no phase that is counted", c.Profile.Name)
	}
	return fmt.Errorf("profile %s: nothing would be measured: %s", c.Profile.Name, strings.Join(whys, "; "))
}

// NotCarriedOut returns a sentence for each phase of the profile that some of the user's
// servers do not carry out, with the reason. What a model does not carry out belongs to the
// model: in-process has no app's process that could be killed.
func (c Config) NotCarriedOut() (said []string) {
	for _, ph := range c.Profile.Phases {
		whys, who := []string{}, map[string][]string{}
		for _, a := range c.Targets {
			if a.StartsOnRequest() || a.TwinOf != "" {
				continue
			}
			if why := refuses(a, ph, c.FindPeak); why != "" {
				if who[why] == nil {
					whys = append(whys, why)
				}
				who[why] = append(who[why], a.Name)
			}
		}
		for _, why := range whys {
			said = append(said, fmt.Sprintf("phase %s (%s) on %s: it %s", ph.Name, ph.Kind, strings.Join(who[why], ", "), why))
		}
	}
	return said
}

// carries reports whether a target can carry out a phase, and is allowed to.
func carries(s TargetSpec, ph ancmbench.Phase, findPeak bool) bool {
	return refuses(s, ph, findPeak) == ""
}

// refuses returns why a target cannot carry out a phase or is not allowed to, or "".
func refuses(s TargetSpec, ph ancmbench.Phase, findPeak bool) string {
	switch {
	case ph.Kind == ancmbench.ColdStart && s.Foreign():
		return "is for what ancmbench starts: a model, or a command"
	case ph.Kind == ancmbench.Recovery && s.Model == "":
		return "is for hosting models, which start again what is killed"
	case ph.Kind == ancmbench.Recovery && !slices.Contains(s.Roles(), ancmbench.Role(ph.Kill)):
		return "is for models that have the process it kills, " + ph.Kill
	case (ph.Kind == ancmbench.Peak || ph.Kind == ancmbench.Sweep) && s.Foreign() && !findPeak:
		// Only the user may allow full load on a server that we did not start.
		return "goes as fast as a server can: allow it on servers that ancmbench did not start with --find-peak"
	case ph.Kind == ancmbench.Sweep && s.TwinOf != "":
		// The baseline has the answer already, and overload takes much time.
		return "is not for the second copy of a target"
	case ph.Front != "" && (!s.Model.HasFronts() || s.Command != nil):
		return "is for bundled models that have the front " + ph.Front
	case ph.Engine != "" && ph.Kind != ancmbench.CrossCheck && (s.Model == "" || s.Command != nil):
		return "is for hosting models, whose app speaks WebSocket"
	case (s.Target.Workload.Requests != nil || s.Path != "") && ph.Factor != "" && ph.Factor != ancmbench.FactorConnections:
		// The other points of a curve need the profile's workloads.
		return "varies the workload, and the targets have requests of their own"
	}
	return ""
}
