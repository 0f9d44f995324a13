package ancmbench

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
)

// ReadRun reads a results file, or the one in a run's directory. It fails if the file
// is not a regular file or is larger than MaxRunFile, and if DecodeRun fails.
func ReadRun(path string) (*Run, error) {
	if fi, err := os.Stat(path); err == nil && fi.IsDir() {
		inside := filepath.Join(path, ResultFile)
		if _, err := os.Stat(inside); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("folder %s: holds no run: %w", path, err)
		}
		path = inside
	}
	b, err := ReadWhole(path, MaxRunFile)
	if err != nil {
		return nil, fmt.Errorf("results file: %w", err)
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, fmt.Errorf("results file %s: is empty", path)
	}
	r, err := DecodeRun(b)
	if syntax := new(json.SyntaxError); errors.As(err, &syntax) {
		return nil, fmt.Errorf("results file %s: is damaged, or no results file of ancmbench: %w", path, err)
	}
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
	version, err := versionOf(b)
	if err != nil {
		return nil, err
	}
	if version == nil {
		return nil, errors.New("no version: this is not a results file of ancmbench")
	}
	if err := readsVersion(*version); err != nil {
		return nil, err
	}
	var file struct {
		plainRun
		Results resultList `json:"results"`
	}
	file.Results.room = bounds.room
	if err := json.Unmarshal(b, &file); err != nil {
		return nil, err
	}
	if err := readsVersion(file.Version); err != nil { // a second one further on
		return nil, err
	}
	r := Run(file.plainRun)
	r.Results = file.Results.list
	if err := r.checkCells(); err != nil {
		return nil, err
	}
	return &r, nil
}

func readsVersion(v int) error {
	if v != RunVersion {
		return fmt.Errorf("version %d, and this ancmbench reads version %d", v, RunVersion)
	}
	return nil
}

// versionOf returns the version of a results file, and nil if it has none. It is known before
// the rest is decoded, whose fields another version may use otherwise. A file that begins with
// its version, as ours do, is not read to its end for that.
func versionOf(b []byte) (*int, error) {
	var head struct {
		Version *int `json:"version"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if open, err := d.Token(); err == nil && open == json.Delim('{') {
		if key, err := d.Token(); err == nil && key == "version" && d.Decode(&head.Version) == nil && head.Version != nil {
			return head.Version, nil
		}
	}
	head.Version = nil
	err := json.Unmarshal(b, &head)
	return head.Version, err
}

// plainRun has the fields of a Run. DecodeRun embeds it to decode Results differently.
type plainRun Run

// resultList decodes Results one by one, because the size of a histogram is known only
// when it is unpacked: up to a thousand times its encoding.
type resultList struct {
	list []Result
	room int64
}

// UnmarshalJSON decodes a list, on all processors: most of the time of a large file is spent
// on unpacking its histograms. It fails as soon as they take too much memory.
func (l *resultList) UnmarshalJSON(b []byte) error {
	l.list = nil
	s := scanner{data: b, room: math.MaxInt64}
	if s.next() != '[' {
		return json.Unmarshal(b, &l.list) // null, or its error for another value
	}
	var parts [][]byte
	for s.at++; ; {
		more, err := s.more(']', parts == nil)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		s.next()
		from := s.at
		if err := s.value(nil, "", 0); err != nil {
			return err
		}
		parts = append(parts, b[from:s.at])
	}
	l.list = make([]Result, len(parts))
	return l.decode(parts)
}

// decode decodes the parts into the list, and returns the error of the first that has one.
func (l *resultList) decode(parts [][]byte) error {
	var next, held atomic.Int64
	faults := make([]error, len(parts))
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(parts)) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(parts)); i = next.Add(1) - 1 {
				err := json.Unmarshal(parts[i], &l.list[i])
				if err == nil && held.Add(l.list[i].held()) > l.room {
					err = errors.New("results: their histograms would take too much memory")
				}
				if err != nil {
					faults[i] = err
					next.Store(int64(len(parts))) // those after it need not be decoded
				}
			}
		})
	}
	all.Wait()
	return cmp.Or(faults...)
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
