package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"ancmbench"
	"ancmbench/loadgen"
	"ancmbench/loadgen/vegeta"
	"ancmbench/loadgen/websocket"
	"ancmbench/loadgen/wire"
)

var engineNames = []string{"auto", "wire", "vegeta"}

// phaseEngines are those that single phases ask for.
var phaseEngines = map[string]func() loadgen.Engine{
	"vegeta":    func() loadgen.Engine { return &vegeta.Engine{} },
	"websocket": func() loadgen.Engine { return &websocket.Engine{} },
}

// engineChoice names a load generator and its settings.
type engineChoice struct {
	name    string
	shards  int       // threads of the wire engine; 0 = by the cores
	results io.Writer // of the vegeta engine; nil writes none
}

// engineMaker gives a maker of the load generator for targets like those of the
// probe. "auto" is wire where it applies, else vegeta, which takes them all.
func engineMaker(choice engineChoice, probe ancmbench.Load) (func() loadgen.Engine, error) {
	makeWire := func() loadgen.Engine { return &wire.Engine{Shards: choice.shards} }
	makeVegeta := func() loadgen.Engine { return &vegeta.Engine{Results: choice.results} }
	unsuited := makeWire().Supports(probe)
	switch {
	case !slices.Contains(engineNames, choice.name):
		return nil, usageError("--engine=%s: the engines are auto, wire and vegeta", choice.name)
	case choice.results != nil && choice.name != "vegeta":
		return nil, usageError("--vegeta-results: only the vegeta engine writes them: give --engine=vegeta")
	case choice.name == "wire" && unsuited != nil:
		return nil, usageError("--engine=wire: %w", unsuited)
	case choice.name == "vegeta" || unsuited != nil:
		return makeVegeta, nil
	}
	return makeWire, nil
}

// resultsFile makes the file of --vegeta-results, which is open until the
// program ends; nil if there is to be none.
func resultsFile(path string) (io.Writer, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("--vegeta-results: %w", err)
	}
	return f, nil
}
