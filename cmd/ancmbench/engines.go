package main

import (
	"slices"

	"ancmbench"
	"ancmbench/loadgen"
	"ancmbench/loadgen/vegeta"
	"ancmbench/loadgen/wire"
)

var engineNames = []string{"auto", "wire", "vegeta"}

// engineChoice names a load generator and its settings.
type engineChoice struct {
	name   string
	shards int // threads of the wire engine; 0 = by the cores
}

// engineMaker gives a maker of the load generator for targets like those of the
// probe. "auto" is wire where it applies, else vegeta.
func engineMaker(choice engineChoice, probe ancmbench.Load) (func() loadgen.Engine, error) {
	makeWire := func() loadgen.Engine { return &wire.Engine{Shards: choice.shards} }
	makeVegeta := func() loadgen.Engine { return &vegeta.Engine{} }
	if !slices.Contains(engineNames, choice.name) {
		return nil, usageError("--engine=%s: the engines are auto, wire and vegeta", choice.name)
	}
	chosen := makeWire
	unsuited := makeWire().Supports(probe)
	if choice.name == "vegeta" || choice.name == "auto" && unsuited != nil {
		chosen = makeVegeta
		unsuited = chosen().Supports(probe)
	}
	if unsuited != nil {
		return nil, usageError("--engine=%s: %w", choice.name, unsuited)
	}
	return chosen, nil
}
