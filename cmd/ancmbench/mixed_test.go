package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/profiles"
)

// TestRunOfAModelAndAServerOfOthers: the server comes first, and so is the baseline,
// and yet the model has its cold start and its peak.
func TestRunOfAModelAndAServerOfOthers(t *testing.T) {
	t.Parallel()
	onUnix(t)
	theirs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer theirs.Close()
	p, err := profiles.Load("smoke")
	if err != nil {
		t.Fatal(err)
	}
	p.Launches, p.Rate, p.Twin = 1, 50, true
	target, err := parseURL(theirs.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	targets := []experiment.TargetSpec{{Name: "theirs", Target: target}, {Name: "in-process", Model: ancmbench.InProcess}}
	newEngine, err := engineMaker(engineChoice{name: p.Engine}, probe(targets))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	run, err := experiment.Run(ctx, experiment.Config{Profile: p, Targets: targets, NewEngine: newEngine, Engines: phaseEngines,
		Seed: 1, Dir: t.TempDir(), RateFixed: true})
	if err != nil {
		t.Fatal(err)
	}
	if run.Subject != ancmbench.SubjectBoth || len(run.Targets) != 2 || run.LaunchesDone != 1 {
		t.Errorf("subject %q, %d targets, %d launches", run.Subject, len(run.Targets), run.LaunchesDone)
	}
	of := map[ancmbench.PhaseKind][]string{}
	for _, res := range run.Results {
		switch {
		case failed(res):
			t.Errorf("%s of %s is void: %s", res.Phase, res.Target, res.Void)
		case res.Void != "":
			continue // the trial was made again
		}
		if !slices.Contains(of[res.PhaseKind], res.Target) {
			of[res.PhaseKind] = append(of[res.PhaseKind], res.Target)
		}
	}
	for kind, want := range map[ancmbench.PhaseKind][]string{ancmbench.ColdStart: {"in-process"}, ancmbench.Peak: {"in-process"},
		ancmbench.Latency: {"theirs", "in-process"}, ancmbench.Memory: {"theirs", "in-process"}} {
		got := of[kind]
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("%s was measured of %v, not of %v", kind, got, want)
		}
	}
	if info := run.Targets[1]; info.Model != ancmbench.InProcess || info.Front == "" {
		t.Errorf("of the model is noted %+v", info)
	}
}
