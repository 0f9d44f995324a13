package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"ancmbench"
)

// block is what one fresh start of one case has seen: a line of cells.jsonl.
type block struct {
	Case    string `json:"case"`
	Launch  int    `json:"launch"`
	Date    string `json:"date"`
	Machine string `json:"machine"`
	// Quick tells that it was a look at whether the script works.
	Quick bool   `json:"quick,omitempty"`
	Cells []cell `json:"cells"`
}

// cell is one target in one design.
type cell struct {
	// Group is what is compared within: a rate, a server, a load.
	Group  string `json:"group"`
	Design string `json:"design"`
	Target string `json:"target"`
	// Round tells repeats within a fresh start apart.
	Round int   `json:"round,omitempty"`
	Count int64 `json:"count"`
	// Of the response time; nil with fewer than 10 samples beyond.
	P50 *float64 `json:"p50_seconds,omitempty"`
	P90 *float64 `json:"p90_seconds,omitempty"`
	P99 *float64 `json:"p99_seconds,omitempty"`
	// Background is the CPU that Target's partner used meanwhile, in cores.
	Background *float64 `json:"background_cores,omitempty"`
	// Said is what a run decided or warned of, in words.
	Said string `json:"said,omitempty"`
}

// quantile gives one of the three, by name.
func (c cell) quantile(name string) *float64 {
	return map[string]*float64{"p50": c.P50, "p90": c.P90, "p99": c.P99}[name]
}

func cellOf(group, design string, res *ancmbench.Result) cell {
	of := func(q float64) *float64 {
		d, ok := res.Response.Printable(q)
		if !ok || d <= 0 {
			return nil
		}
		s := d.Seconds()
		return &s
	}
	return cell{Group: group, Design: design, Target: res.Target, Count: res.Response.Count(), P50: of(0.5), P90: of(0.9), P99: of(0.99)}
}

// readBlocks reads what earlier calls have measured; a line that a killed call
// left half written is measured again.
func readBlocks(path string) ([]block, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []block
	lines := bytes.Split(text, []byte("\n"))
	for i, line := range lines {
		if len(line) == 0 {
			continue
		}
		var b block
		if err := json.Unmarshal(line, &b); err != nil {
			if i == len(lines)-1 {
				return out, os.Truncate(path, int64(len(text)-len(line)))
			}
			return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		out = append(out, b)
	}
	return out, nil
}

func appendBlock(path string, b block) error {
	line, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}
