package figures

import (
	"testing"

	"ancmbench"
)

// Every output names its subject, and of the user's servers and program by their names.
func TestSubjectNamesWhatIsMeasured(t *testing.T) {
	own := func(names ...string) (out []ancmbench.TargetInfo) {
		for _, n := range names {
			out = append(out, ancmbench.TargetInfo{Name: n})
		}
		return out
	}
	model := ancmbench.TargetInfo{Name: "direct", Model: ancmbench.Direct}
	for _, c := range []struct {
		run  ancmbench.Run
		want string
	}{
		{ancmbench.Run{Subject: ancmbench.SubjectServers, Targets: own("nginx", "haproxy")}, "your servers: nginx, haproxy"},
		{ancmbench.Run{Subject: ancmbench.SubjectServers, Targets: append(own("nginx"), ancmbench.TargetInfo{Name: "nginx (twin)", TwinOf: "nginx"})}, "your servers: nginx"},
		{ancmbench.Run{Subject: ancmbench.SubjectServers, Targets: own("1", "2", "3", "4", "5", "6", "7", "8")}, "your servers: 1, 2, 3, 4, 5, 6, and 2 more"},
		{ancmbench.Run{Subject: ancmbench.SubjectBoth, Targets: append(own("nginx"), model)}, "reference models (Go), not IIS, not .NET, and your servers: nginx"},
		{ancmbench.Run{Subject: ancmbench.SubjectReference, Targets: []ancmbench.TargetInfo{model}}, "reference models (Go), not IIS, not .NET"},
		{ancmbench.Run{Subject: ancmbench.SubjectProgram, Program: "node app.js", Targets: []ancmbench.TargetInfo{model}}, "your program (node app.js) behind our module (Go, not IIS)"},
	} {
		if got := About(&c.run); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
