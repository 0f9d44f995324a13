package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// recoveryBound is how long a killed server may take to answer again before the trial
// fails.
const recoveryBound = 30 * time.Second

// recovery kills one role of each target under load, one target at a time in random
// order, and measures the time from the kill to the next right answer. The outcomes of
// the load count the lost requests by kind. A target without the role has no result.
func (r *runner) recovery(ctx context.Context, engine loadgen.Engine, targets []*target, t ancmbench.Trial) ([]ancmbench.Result, error) {
	var results []ancmbench.Result
	for _, name := range t.Targets {
		for _, a := range targets {
			if a.spec.Name != name || a.spec.Model == "" || !a.hasRole(t.Phase.Kill) {
				continue
			}
			res, err := r.recoverOne(ctx, engine, a, t)
			if err != nil {
				return results, err
			}
			results = append(results, res)
		}
	}
	return results, nil
}

func (r *runner) recoverOne(ctx context.Context, engine loadgen.Engine, a *target, t ancmbench.Trial) (ancmbench.Result, error) {
	load, err := r.load([]*target{a}, t.Phase)
	if err != nil {
		return ancmbench.Result{}, err
	}
	load.MaxErrorShare = 0 // this phase is expected to lose requests
	type outcome struct {
		results []ancmbench.Result
		err     error
	}
	done := make(chan outcome, 1)
	go func() {
		results, err := engine.Run(ctx, load, nil)
		done <- outcome{results, err}
	}()
	took, killErr := r.killAndWait(ctx, a, t, load)
	seen := <-done
	switch {
	case ctx.Err() != nil:
		return ancmbench.Result{}, context.Cause(ctx)
	case killErr != nil:
		return ancmbench.Result{}, killErr
	case len(seen.results) != 1:
		return ancmbench.Result{}, errors.Join(fmt.Errorf("%s: no result of the load during recovery", a.spec.Name), seen.err)
	}
	res := seen.results[0]
	// Lost requests and a different second half are expected in this phase, so they are
	// no reason to doubt the result.
	res.Warnings = slices.DeleteFunc(res.Warnings, func(w ancmbench.Warning) bool {
		return slices.Contains([]ancmbench.WarningCode{ancmbench.WarnErrors, ancmbench.WarnShed, ancmbench.WarnDrift,
			ancmbench.WarnCorrelated, ancmbench.WarnFewIndependent, ancmbench.WarnLittle, ancmbench.WarnConnectionsDiffer}, w.Code)
	})
	res.Instants = []ancmbench.Seconds{ancmbench.Seconds(took)}
	// The worker and the app are new processes, so their counters are opened again.
	return res, a.running.Open(ctx)
}

// killAndWait kills the role after a third of the load, and sends requests until an answer
// is right again. It returns the time from the kill, and fails after recoveryBound.
func (r *runner) killAndWait(ctx context.Context, a *target, t ancmbench.Trial, load ancmbench.Load) (time.Duration, error) {
	timer := time.NewTimer(load.Duration.D() / 3)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	case <-timer.C:
	}
	killed, err := a.running.Kill(ctx, ancmbench.Role(t.Phase.Kill))
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, recoveryBound)
	defer cancel()
	for {
		_, err := r.request(ctx, load.Targets[0])
		if err == nil {
			return time.Since(killed), nil
		}
		if died := a.died(); died != nil {
			return 0, died
		}
		if !a.spec.StartsOnRequest() { // else the next request waits, or fails for good
			waitUntil(ctx, time.Now().Add(askAgain))
		}
		if ctx.Err() != nil {
			return 0, fmt.Errorf("%s does not recover from the death of its %s: %w", a.spec.Name, t.Phase.Kill, err)
		}
	}
}
