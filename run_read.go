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

// ReadRun reads a results file, or the one in a run's directory. It refuses what is
// no regular file or is larger than MaxRunFile, and what DecodeRun refuses.
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

// DecodeRun reads the bytes of a results file. It refuses another version, and what
// UnmarshalBounded refuses or no run can have.
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

// plainRun has the fields of a Run, so that one of them can be read in another way.
type plainRun Run

// resultList reads the Results one by one: how much a histogram holds is seen only
// when it is unpacked, a thousandfold at worst.
type resultList struct {
	list []Result
	room int64
}

// UnmarshalJSON reads a list, and fails as soon as its histograms take too much.
func (l *resultList) UnmarshalJSON(b []byte) error {
	l.list = nil
	s := scanner{data: b, room: math.MaxInt64}
	if s.next() != '[' {
		return json.Unmarshal(b, &l.list) // null, or a value that it words the refusal of
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

// held is how many bytes the histograms of a Result take.
func (r *Result) held() (sum int64) {
	for _, h := range []*Histogram{r.Response, r.Service, r.Lag, r.FirstByte, r.SettleResponse, r.SettleService} {
		if h != nil && h.c != nil {
			sum += int64(cap(h.c.bars))
		}
	}
	return sum
}

// checkCells bounds what reports compare with one another.
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
