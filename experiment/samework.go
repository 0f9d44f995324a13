package experiment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// ErrDifferentWork is wrapped by the error of a run whose targets answer the same request
// with different bodies.
var ErrDifferentWork = errors.New("the targets do not do the same work")

// Bounds of the comparison of bodies.
const (
	// comparedMost limits how many requests are compared.
	comparedMost = 64
	// comparedWithin is the time limit of one answer.
	comparedWithin = 10 * time.Second
)

// sameWork asks every target each request of its workloads twice, before the first load, and
// compares the bodies. It fails if an answer is not what is expected, or if the bodies of
// two targets differ that are servers of the user's, unless this is allowed. A body that
// differs from one request to the next cannot be compared; the load counts those.
func (r *runner) sameWork(ctx context.Context, live []*target, trials []ancmbench.Trial) error {
	if r.compared {
		return nil
	}
	baseline := map[string]answered{} // by request
	compared := map[string]bool{}
	var differ []string
	for _, a := range live {
		if a.spec.Model != "" { // its answers name the model, and are our own app's
			continue
		}
		if err := r.askAll(ctx, a, func(what string, got answered) {
			first, known := baseline[what]
			switch {
			case !known:
				baseline[what] = got
			case !compared[what] && first.stable() && got.stable() && first.seen[0].SHA256 != got.seen[0].SHA256:
				compared[what] = true
				differ = append(differ, fmt.Sprintf("%s is answered by %s with %s and by %s with %s", what, first.by, bytesOf(first), got.by, bytesOf(got)))
			}
		}); err != nil {
			return err
		}
	}
	r.compared = true
	if differ == nil {
		return nil
	}
	const most = 3
	if more := len(differ) - most; more > 0 {
		differ = append(differ[:most], fmt.Sprintf("%d more requests", more))
	}
	detail := strings.Join(differ, "; ")
	if r.cfg.AllowDifferentBodies {
		r.run.Warnings = append(r.run.Warnings, ancmbench.Warning{Code: ancmbench.WarnBodiesDiffer, Detail: detail})
		return nil
	}
	return fmt.Errorf("%w: %s. Fix: let them answer the same, or allow it with --allow-different-bodies", ErrDifferentWork, detail)
}

// answered is what a target answered to one request, twice.
type answered struct {
	by   string
	seen [2]loadgen.Seen
}

func (a answered) stable() bool { return a.seen[0].SHA256 == a.seen[1].SHA256 }

func bytesOf(a answered) string {
	return fmt.Sprintf("%d bytes (SHA-256 %x...)", a.seen[0].Bytes, a.seen[0].SHA256[:4])
}

// askAll asks a target each request of its workloads twice and passes on what it answered.
// It asks no faster than the profile's rate allows on a server that we did not start.
func (r *runner) askAll(ctx context.Context, a *target, each func(what string, got answered)) error {
	at, err := a.asked("")
	if err != nil {
		return err
	}
	var waiter loadgen.Waiter
	next := time.Now()
	n := 0
	for _, t := range r.cfg.FirstRequests(a.spec, at) {
		firsts, err := loadgen.Firsts(t)
		if err != nil {
			return err
		}
		for k, q := range firsts {
			if n++; n > comparedMost {
				return nil
			}
			// The path as it is written: a value in it may be a secret.
			shown := methodOf(q) + " " + withoutQuery(t.Workload.Requests[k].Path)
			got := answered{by: a.spec.Name}
			for i := range got.seen {
				waiter.Until(next, ctx.Done())
				if rate := r.cfg.Profile.Rate; rate > 0 && a.spec.Foreign() {
					next = time.Now().Add(time.Duration(float64(time.Second) / rate))
				}
				if got.seen[i], err = r.askOnce(ctx, a, t, q, shown); err != nil {
					return err
				}
			}
			if got.seen[0].Status != 0 && got.seen[1].Status != 0 {
				each(t.Workload.Name+" "+shown, got)
			}
		}
	}
	return nil
}

func methodOf(q ancmbench.Request) string {
	if q.Method == "" {
		return "GET"
	}
	return q.Method
}

// UnexpectedAnswer is the error of a server that we did not start and that does not answer,
// or not as expected. To ask it again would not help.
type UnexpectedAnswer struct {
	Target, Request string
	Err             error
}

func (u *UnexpectedAnswer) Error() string {
	return fmt.Sprintf("target %s does not answer %s as expected: %v", u.Target, u.Request, u.Err)
}

func (u *UnexpectedAnswer) Unwrap() error { return u.Err }

// askOnce asks one request. What a command answers wrongly at its start, other than with a
// status of 300 to 499, may pass; it then returns the zero Seen.
func (r *runner) askOnce(ctx context.Context, a *target, t ancmbench.Target, q ancmbench.Request, shown string) (loadgen.Seen, error) {
	within, cancel := context.WithTimeout(ctx, comparedWithin)
	defer cancel()
	seen, err := loadgen.Ask(within, t, q)
	var wrong *loadgen.StatusError
	switch {
	case err == nil:
		return seen, nil
	case ctx.Err() != nil:
		return loadgen.Seen{}, context.Cause(ctx)
	case a.spec.Command != nil && errors.As(err, &wrong) && wrong.Status >= 300 && wrong.Status < 500:
		return loadgen.Seen{}, &WrongPath{Target: a.spec.Name, Path: shown[strings.IndexByte(shown, ' ')+1:], Status: wrong.Status}
	case a.spec.Command != nil:
		return loadgen.Seen{}, nil
	}
	return loadgen.Seen{}, &UnexpectedAnswer{Target: a.spec.Name, Request: shown, Err: err}
}
