package wire

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"ancmbench"
)

// Name is "wire".
func (e *Engine) Name() string { return "wire" }

// Supports tells why this engine cannot run the load here; nil if it can.
func (e *Engine) Supports(load ancmbench.Load) error {
	var faults []error
	if runtime.GOOS != "linux" {
		faults = append(faults, fmt.Errorf("wire engine: needs Linux, and this is %s", runtime.GOOS))
	}
	for _, t := range load.Targets {
		if t.Scheme == "https" {
			faults = append(faults, fmt.Errorf("wire engine: speaks no TLS, with which %s is to be asked", t.Name))
		}
		if t.Protocol == "h2" || t.Protocol == "h2c" {
			faults = append(faults, fmt.Errorf("wire engine: speaks no HTTP/2, with which %s is to be asked", t.Name))
		}
		for _, r := range t.Workload.Requests {
			if err := writable(r); err != nil {
				faults = append(faults, fmt.Errorf("wire engine: %s: %w", t.Name, err))
			}
		}
	}
	return errors.Join(faults...)
}

// writable refuses the fields that are made from the Target and the Body, and a
// tunnel, which is no request with an answer.
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
