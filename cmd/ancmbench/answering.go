package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/loadgen"
)

// answering shows that every server of the user's is there before anything is measured, and
// says by which address a name is reached.
func answering(ctx context.Context, w io.Writer, cfg *experiment.Config) error {
	for i := range cfg.Targets {
		a := &cfg.Targets[i]
		if !a.Foreign() {
			continue
		}
		typed := a.Target.Address
		if err := reached(ctx, &a.Target); err != nil {
			return fmt.Errorf("target %s does not answer: %w", a.Name, err)
		}
		if at := a.Target.Address; at != typed {
			fmt.Fprintf(w, "%s: %s is reached at %s\n", a.Name, typed, at)
		}
		asked := cfg.FirstRequests(*a, a.Target)
		if len(asked) == 0 { // no phase is for it
			continue
		}
		if err := firstAnswer(ctx, asked[0]); err != nil {
			return fmt.Errorf("target %s does not answer: %w%s", a.Name, err, remedyOf(err))
		}
	}
	return nil
}

// firstAnswer sends one request to a target, with a time limit that a person would accept.
func firstAnswer(ctx context.Context, t ancmbench.Target) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := loadgen.Once(ctx, t)
	return err
}

// remedyOf returns ". Fix: " and what can be done about an error, or "".
func remedyOf(err error) string {
	cause := loadgen.CauseOf(err)
	var status *loadgen.StatusError
	switch {
	case errors.As(err, &status):
		cause = fmt.Sprint("status ", status.Status)
	case strings.Contains(err.Error(), loadgen.HTTP2Only):
		cause = loadgen.HTTP2Only
	}
	if do := remedy(cause); do != "" && cause != "connection refused" { // which says it all
		return ". Fix: " + do
	}
	return ""
}
