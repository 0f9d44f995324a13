package main

import (
	"os"
	"path/filepath"
	"testing"

	"ancmbench"
)

// A profile without cold starts has the memory of processes that come up with the
// first request all the same.
func TestMemoryWithoutColdStart(t *testing.T) {
	skipShort(t)
	mark := newMark(t)
	c := command(t, mark, "run", "--model=both", "--profile=p.yaml", "--out=out", "--quiet")
	profile := "name: warm\nlaunches: 1\nrate: 100/s\nconnections: 2\nphases:\n" +
		"  - {kind: warm-up, duration: 100ms, arrivals: closed}\n  - {kind: memory, duration: 200ms}\n"
	if err := os.WriteFile(filepath.Join(c.Dir, "p.yaml"), []byte(profile), 0o644); err != nil {
		t.Fatal(err)
	}
	_ = c.Run() // on a busy machine the phase may be discarded, which leaves what was read
	assertNothingLeft(t, mark)
	run, err := ancmbench.ReadRun(filepath.Join(c.Dir, "out"))
	if err != nil {
		_, stderr := output(c)
		t.Fatal(err, stderr)
	}
	seen := 0
	for _, res := range run.Results {
		for _, u := range res.Usage {
			if res.PhaseKind != ancmbench.Memory || u.Role != "worker" && u.Role != "app" {
				continue
			}
			if seen++; u.Idle == nil || u.Loaded == nil {
				t.Errorf("%s, %s: idle %v, loaded %v: %v", res.Target, u.Role, u.Idle, u.Loaded, u.Unsupported)
			}
		}
	}
	if seen < 3 {
		t.Errorf("%d roles were looked at, and there are two workers and an app", seen)
	}
}
