package wire

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"ancmbench"
	"ancmbench/loadgen"
)

// Name returns "wire".
func (e *Engine) Name() string { return "wire" }

// Run carries out the load, as loadgen.Engine says.
func (e *Engine) Run(ctx context.Context, load ancmbench.Load, edge func(loadgen.Edge)) ([]ancmbench.Result, error) {
	return e.RunJoint(ctx, load, nil, edge)
}

// Supports returns an error that says why this engine cannot run the load here, or nil if
// it can.
func (e *Engine) Supports(load ancmbench.Load) error {
	var faults []error
	if runtime.GOOS != "linux" {
		faults = append(faults, fmt.Errorf("wire engine: needs Linux, and this is %s", runtime.GOOS))
	}
	for _, t := range load.Targets {
		if t.Scheme == "https" {
			faults = append(faults, fmt.Errorf("wire engine: has no TLS, which %s needs", t.Name))
		}
		if t.Protocol == "h2" || t.Protocol == "h2c" {
			faults = append(faults, fmt.Errorf("wire engine: has no HTTP/2, which %s needs", t.Name))
		}
		for _, r := range t.Workload.Requests {
			if err := writable(r); err != nil {
				faults = append(faults, fmt.Errorf("wire engine: %s: %w", t.Name, err))
			}
		}
	}
	return errors.Join(faults...)
}

// writable returns an error for a request that the engine cannot send: one with a field
// that comes from the Target or the Body, or a CONNECT, which opens a tunnel.
func writable(r ancmbench.Request) error {
	if r.Method == "CONNECT" {
		return errors.New("method CONNECT opens a tunnel")
	}
	for _, f := range r.Header {
		switch strings.ToLower(f.Name) {
		case "host", "content-length", "transfer-encoding":
			return fmt.Errorf("field %s is made from the target and the body", f.Name)
		}
	}
	return nil
}
