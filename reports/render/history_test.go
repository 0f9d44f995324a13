package render

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/internal/example"
)

func TestHistory(t *testing.T) {
	run := example.Small()
	a := analysed(t, run)
	line, err := figures.HistoryLine(run, a, string(gate.Pass))
	if err != nil || bytes.Count(line, []byte("\n")) != 1 || line[len(line)-1] != '\n' || len(line) > 8000 {
		t.Fatalf("%d bytes: %v", len(line), err)
	}
	alone := example.Models()
	alone.Arms = alone.Arms[:1]
	other := alone.Run()
	more, err := figures.HistoryLine(other, analysed(t, other), "")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := figures.ReadHistory(bytes.NewReader(slices.Concat(line, []byte("\n"), more)))
	if err != nil || len(entries) != 2 || !reflect.DeepEqual(entries[0], figures.History(run, a, string(gate.Pass))) {
		t.Fatalf("%d entries: %v", len(entries), err)
	}
	p50 := entries[0].Values[0]
	example.Near(t, "ratio", p50.Ratio.Value, statement(t, a, p50.Metric, p50.Target).Ratio.Value)
	if len(entries[1].Values) == 0 || entries[1].Values[0].Ratio != nil || entries[1].Outcome != "" {
		t.Errorf("alone: %+v", entries[1])
	}
	// A line that was cut off costs itself alone, and is said.
	entries, err = figures.ReadHistory(bytes.NewReader(slices.Concat(line[:100], []byte("\n"), more, []byte(`{"version":99}`))))
	if len(entries) != 1 || err == nil || !strings.Contains(err.Error(), "line 1") || !strings.Contains(err.Error(), "line 3: version 99") {
		t.Errorf("%d entries: %v", len(entries), err)
	}
	golden(t, "history.jsonl", line)
}
