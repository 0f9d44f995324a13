package main

import (
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/models/ancm/webconfig"
)

// Of three or more models those that cannot host a program are left out by name; two are what
// the user asked for, and stay to be refused.
func TestModelsThatHostNoProgramAreNamed(t *testing.T) {
	config := webconfig.Config{ProcessPath: "node", Arguments: "app.js"}
	var cfg experiment.Config
	got := leaveOutHostless(config, ancmbench.Models, &cfg)
	want := []ancmbench.Model{ancmbench.Direct, ancmbench.Relay, ancmbench.Bare, ancmbench.OutOfProcess, ancmbench.OutOfProcessNoReuse, ancmbench.ReverseProxy}
	if !slices.Equal(got, want) {
		t.Errorf("left: %v, want %v", got, want)
	}
	said := strings.Join(cfg.LeftOut, "\n")
	for _, why := range []string{"in-process: ", "out-of-process-unix: model out-of-process-unix: cannot give a Unix socket", "nginx: model nginx hosts ancmbench's own app", "haproxy: "} {
		if !strings.Contains(said, why) {
			t.Errorf("no %q in\n%s", why, said)
		}
	}
	cfg.LeftOut = nil
	two := []ancmbench.Model{ancmbench.Direct, ancmbench.Nginx}
	if got := leaveOutHostless(config, two, &cfg); !slices.Equal(got, two) || cfg.LeftOut != nil {
		t.Errorf("of two: %v, %v", got, cfg.LeftOut)
	}
}

// A profile of rungs measures a program on them; other profiles leave the choice.
func TestProfileOfRungsIsForProgramsToo(t *testing.T) {
	for profile, want := range map[string]bool{"breakdown": true, "dotnet": true, "standard": false, "curve": false, "quick": false, "gate": false} {
		p, err := loadProfile(profile)
		if err != nil {
			t.Fatal(err)
		}
		if got := hasRungs(p.Models, false); got != want || hasRungs(p.Models, true) {
			t.Errorf("%s: %v, want %v", profile, got, want)
		}
	}
}
