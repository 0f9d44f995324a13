package ancmbench

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
)

// ReadRun reads a results file, or the one in a run's directory. It fails if the file
// is not a regular file or is larger than MaxRunFile, and if DecodeRun fails.
func ReadRun(path string) (*Run, error) {
	if fi, err := os.Stat(path); err == nil && fi.IsDir() {
		path = filepath.Join(path, ResultFile)
	}
	b, err := ReadWhole(path, MaxRunFile)
	if err != nil {
		return nil, fmt.Errorf("results file: %w", err)
	}
	r, err := DecodeRun(b)
	if err != nil {
		return nil, fmt.Errorf("results file %s: %w", path, err)
	}
	return r, nil
}

// DecodeRun decodes the bytes of a results file. It fails on another version, on text
// that UnmarshalBounded refuses, and on more comparisons than MaxCells.
func DecodeRun(b []byte) (*Run, error) { return decodeRun(b, maxMemory) }

func decodeRun(b []byte, room int64) (*Run, error) {
	bounds := scanner{data: b, room: room, fields: map[reflect.Type]map[string]field{}}
	if err := bounds.value(reflect.TypeFor[Run](), "", 0); err != nil && err != errNotJSON {
		return nil, err
	}
	var head struct {
		Version *int `json:"version"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, err
	}
	if head.Version == nil {
		return nil, errors.New("no version: this is not a results file of ancmbench")
	}
	if *head.Version != RunVersion {
		return nil, fmt.Errorf("version %d, and this ancmbench reads version %d", *head.Version, RunVersion)
	}
	var file struct {
		plainRun
		Results resultList `json:"results"`
	}
	file.Results.room = bounds.room
	if err := json.Unmarshal(b, &file); err != nil {
		return nil, err
	}
	r := Run(file.plainRun)
	r.Results = file.Results.list
	if err := r.checkCells(); err != nil {
		return nil, err
	}
	return &r, nil
}

// plainRun has the fields of a Run. DecodeRun embeds it to decode Results differently.
type plainRun Run

// resultList decodes Results one by one, because the size of a histogram is known only
// when it is unpacked: up to a thousand times its encoding.
type resultList struct {
	list []Result
	room int64
}

// UnmarshalJSON decodes a list. It fails as soon as its histograms take too much memory.
func (l *resultList) UnmarshalJSON(b []byte) error {
	l.list = nil
	s := scanner{data: b, room: math.MaxInt64}
	if s.next() != '[' {
		return json.Unmarshal(b, &l.list) // null, or its error for another value
	}
	for s.at++; ; {
		more, err := s.more(']', l.list == nil)
		if !more || err != nil {
			if l.list == nil {
				l.list = []Result{}
			}
			return err
		}
		s.next()
		from := s.at
		if err := s.value(nil, "", 0); err != nil {
			return err
		}
		var r Result
		if err := json.Unmarshal(b[from:s.at], &r); err != nil {
			return err
		}
		if l.room -= r.held(); l.room < 0 {
			return errors.New("results: their histograms would take too much memory")
		}
		l.list = append(l.list, r)
	}
}

// held returns how many bytes the histograms of a Result take.
func (r *Result) held() (sum int64) {
	for _, h := range []*Histogram{r.Response, r.Service, r.Lag, r.FirstByte, r.SettleResponse, r.SettleService} {
		if h != nil && h.c != nil {
			sum += int64(cap(h.c.bars))
		}
	}
	return sum
}

// checkCells fails if the run has more comparisons than MaxCells.
func (r *Run) checkCells() error {
	type scenario struct{ phase, workload string }
	scenarios, targets := map[scenario]bool{}, map[string]bool{}
	for i := range r.Targets {
		targets[r.Targets[i].Name] = true
	}
	for i := range r.Results {
		scenarios[scenario{r.Results[i].Phase, r.Results[i].Workload}] = true
		targets[r.Results[i].Target] = true
	}
	if n := len(scenarios) * len(targets); n > MaxCells {
		return fmt.Errorf("results: %d targets in %d phases are %d comparisons, and a run has at most %d", len(targets), len(scenarios), n, MaxCells)
	}
	return nil
}
