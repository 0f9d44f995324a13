package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ancmbench"
)

// A row is applied over the settings of the profile.
func TestRowIsAppliedOverTheSettings(t *testing.T) {
	on, off := true, false
	p := ancmbench.Profile{Name: "p", Dotnet: &ancmbench.Dotnet{WarmUp: 5,
		Settings: ancmbench.DotnetSettings{GC: "server", TieredPGO: &on, Environment: []ancmbench.Field{{Name: "A", Value: "1"}}},
		Rows:     []ancmbench.DotnetRow{{Name: "one"}, {Name: "two"}}}}
	got := withRow(p, ancmbench.DotnetRow{Settings: ancmbench.DotnetSettings{GC: "workstation", ReadyToRun: &off, Environment: []ancmbench.Field{{Name: "A", Value: "2"}}}})
	want := ancmbench.Dotnet{WarmUp: 5, Settings: ancmbench.DotnetSettings{GC: "workstation", TieredPGO: &on, ReadyToRun: &off,
		Environment: []ancmbench.Field{{Name: "A", Value: "1"}, {Name: "A", Value: "2"}}}}
	if !reflect.DeepEqual(*got.Dotnet, want) {
		t.Errorf("got %+v, want %+v", *got.Dotnet, want)
	}
	if len(p.Dotnet.Rows) != 2 || len(p.Dotnet.Settings.Environment) != 1 || p.Dotnet.Settings.GC != "server" {
		t.Errorf("the profile has changed: %+v", *p.Dotnet)
	}
}

// Every row is a run in a folder of its own, with its settings, and one table shows all. Other
// verbs refuse rows.
func TestRowsAreMeasuredOneByOne(t *testing.T) {
	t.Parallel()
	mark := newMark(t)
	c := command(t, mark, "run", "--profile=rows.yaml", "--out=r", "--seed=5")
	profile := "models: both\nlaunches: 1\nrate: 200/s\nconnections: 2\ndotnet:\n  rows:\n  - {name: server-gc, gc: server}\n  - {name: plain}\n" +
		"phases:\n  - {kind: cold-start}\n  - {kind: warm-up, duration: 100ms}\n  - {kind: latency, duration: 300ms}\n"
	if err := os.WriteFile(filepath.Join(c.Dir, "rows.yaml"), []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Run(); err != nil {
		stdout, stderr := output(c)
		t.Fatalf("%v\n%s\n%s", err, stdout, stderr)
	}
	assertNothingLeft(t, mark)
	stdout, _ := output(c)
	for row, gc := range map[string]string{"server-gc": "server", "plain": ""} {
		run, err := ancmbench.ReadRun(filepath.Join(c.Dir, "r", row))
		if err != nil {
			t.Fatal(err)
		}
		if run.Profile.Dotnet == nil || run.Profile.Dotnet.Settings.GC != gc || run.Profile.Dotnet.Rows != nil || run.LaunchesDone != 1 {
			t.Errorf("%s: %+v, %d fresh starts", row, run.Profile.Dotnet, run.LaunchesDone)
		}
		if !strings.Contains(stdout, row) {
			t.Errorf("the table lacks %s:\n%s", row, stdout)
		}
	}
	other := command(t, newMark(t), "calibrate", "--profile="+filepath.Join(c.Dir, "rows.yaml"))
	err := other.Run()
	if _, stderr := output(other); err == nil || !strings.Contains(stderr, "only 'ancmbench run' measures them") {
		t.Errorf("calibrate: %v\n%s", err, stderr)
	}
}
