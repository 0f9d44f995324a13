package main

import (
	"os"
	"path/filepath"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
)

// Runs without --out have one history beside them, a line each; a
// run with --out has none unless a flag asks for one, and neither has an empty one.
func TestAppendHistory(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("results", 0o755); err != nil {
		t.Fatal(err)
	}
	run := runOf(recordedLaunches(t)[:6])
	a, err := figures.Analyse(run)
	if err != nil {
		t.Fatal(err)
	}
	lines := func(file string) int {
		f, err := os.Open(file)
		if err != nil {
			return 0
		}
		defer f.Close()
		entries, err := figures.ReadHistory(f)
		if err != nil {
			t.Error(err)
		}
		return len(entries)
	}
	usual := filepath.Join("results", historyFile)
	for _, c := range []struct {
		name, file, out string
		run             *ancmbench.Run
		usual, asked    int
	}{
		{"first", "", "", run, 1, 0},
		{"second", "", "", run, 2, 0},
		{"told where to lie", "", "elsewhere", run, 2, 0},
		{"asked for", "h.jsonl", "elsewhere", run, 2, 1},
		{"asked for, without --out", "h.jsonl", "", run, 2, 2},
		{"nothing measured", "", "", &ancmbench.Run{}, 2, 2},
	} {
		if err := appendHistory(historyOutput(c.file, c.out), c.run, a, nil); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if a, b := lines(usual), lines("h.jsonl"); a != c.usual || b != c.asked {
			t.Errorf("%s: %d and %d lines, want %d and %d", c.name, a, b, c.usual, c.asked)
		}
	}
	if err := appendHistory(historyOutput(filepath.Join("nowhere", "h.jsonl"), ""), run, a, nil); err == nil {
		t.Error("a history that cannot be written is no error")
	}
}
