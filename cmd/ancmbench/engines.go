package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/loadgen"
	"ancmbench/loadgen/vegeta"
	"ancmbench/loadgen/websocket"
	"ancmbench/loadgen/wire"
)

var engineNames = []string{"auto", "wire", "vegeta"}

// phaseEngines are the engines that single phases choose.
var phaseEngines = map[string]func() loadgen.Engine{
	"vegeta":    func() loadgen.Engine { return &vegeta.Engine{} },
	"websocket": func() loadgen.Engine { return &websocket.Engine{} },
}

// engineChoice names a load generator and its settings.
type engineChoice struct {
	name    string
	shards  int    // threads of the wire engine; 0 = by the cores
	results string // file for those of the vegeta engine; "" writes none
	// written tells afterwards whether results could be written; nil if nobody asks.
	written *requestsFile
}

// check finds every fault of the choice for targets like those of the probe.
func (e engineChoice) check(probe ancmbench.Load) error {
	var faults []error
	if !slices.Contains(engineNames, e.name) {
		faults = append(faults, usageError("--engine=%s: the engines are auto, wire and vegeta", e.name))
	}
	if e.results != "" && e.name != "vegeta" {
		faults = append(faults, usageError("--vegeta-results: only the vegeta engine writes them: give --engine=vegeta"))
	}
	if unsuited := (&wire.Engine{Shards: e.shards}).Supports(probe); e.name == "wire" && unsuited != nil {
		faults = append(faults, usageError("--engine=wire: %w", unsuited))
	}
	return errors.Join(faults...)
}

// engineMaker returns a maker of the load generator for targets like those of the
// probe. "auto" is wire where it applies, else vegeta, which takes them all.
func engineMaker(choice engineChoice, probe ancmbench.Load) (func() loadgen.Engine, error) {
	if err := choice.check(probe); err != nil {
		return nil, err
	}
	makeWire := func() loadgen.Engine { return &wire.Engine{Shards: choice.shards} }
	if choice.name != "vegeta" && makeWire().Supports(probe) == nil {
		return makeWire, nil
	}
	if choice.results == "" {
		return func() loadgen.Engine { return &vegeta.Engine{} }, nil
	}
	err := choice.written.create(choice.results)
	return func() loadgen.Engine { return &vegeta.Engine{Results: choice.written} }, err
}

// resultsOutput returns the file of --vegeta-results, so that it is tried beforehand; the
// engine writes it.
func resultsOutput(path string) outputFile {
	return outputFile{name: "--vegeta-results", path: path}
}

// requestsFile is the file of --vegeta-results, which stays open until the program ends. It
// remembers that it could not be written: the load is carried out all the same, and the
// command says so at its end.
type requestsFile struct {
	file *os.File
	mu   sync.Mutex
	lost error
}

// create creates the file. It fails if it cannot be created.
func (r *requestsFile) create(path string) (err error) {
	defer ancmbench.AwaitPipe(path)()
	if r.file, err = os.Create(path); err != nil {
		return fmt.Errorf("--vegeta-results: %w", err)
	}
	return nil
}

// Write writes to the file.
func (r *requestsFile) Write(p []byte) (int, error) {
	n, err := r.file.Write(p)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost == nil {
		r.lost = err
	}
	return n, err
}

// fault returns why not all requests were written; nil if they were, or nobody asked for them.
func (r *requestsFile) fault() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost != nil {
		return fmt.Errorf("--vegeta-results: %w", r.lost)
	}
	return nil
}

// probe returns a load on the targets, by which an engine tells whether it suits.
func probe(targets []experiment.TargetSpec) ancmbench.Load {
	var l ancmbench.Load
	for _, a := range targets {
		a.Target.Name = a.Name
		l.Targets = append(l.Targets, a.Target)
	}
	return l
}
