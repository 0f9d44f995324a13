package experiment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// leastColdStarts is the least number of cold starts of each target in a run: fewer do
// not show how much they scatter.
const leastColdStarts = 5

// coldStarts returns the number of cold starts per fresh start: one, or more if the run
// has fewer fresh starts than leastColdStarts.
func coldStarts(launches int) int {
	return max(1, (leastColdStarts+launches-1)/max(1, launches))
}

// coldStart measures each target's first answer, from connecting to the last byte, while
// no worker and no app is running. A target that no request starts is started anew, and
// measured from that. It takes one target at a time, in random order, and fails if one
// gives no answer. Each further round restarts all processes of the target; those of the
// last round keep running.
func (r *runner) coldStart(ctx context.Context, engine loadgen.Engine, targets []*target, t ancmbench.Trial) ([]ancmbench.Result, error) {
	results := make([]ancmbench.Result, len(targets))
	rounds := coldStarts(r.cfg.Profile.Launches)
	for round := range rounds {
		for _, name := range t.Targets {
			i := slices.IndexFunc(targets, func(a *target) bool { return a.spec.Name == name })
			if round > 0 && targets[i].spec.StartsOnRequest() {
				if err := r.restart(ctx, targets[i]); err != nil {
					return nil, err
				}
			}
			first := r.firstAnswer
			if !targets[i].spec.StartsOnRequest() {
				first = r.relaunched
			}
			res, err := first(ctx, targets[i], t)
			if err != nil {
				return nil, err
			}
			res.Engine = engine.Name()
			res.Instants = append(results[i].Instants, res.Instants...)
			n := int64(len(res.Instants))
			res.Outcomes = ancmbench.Outcomes{Due: n, Sent: n, OK: n}
			results[i] = res
			if round < rounds-1 {
				continue
			}
			if err := targets[i].running.Open(ctx); err != nil {
				return nil, err
			}
			targets[i].readIdle(ctx)
		}
	}
	r.note(targets)
	return results, nil
}

// awaken sends one request to each bundled model if the trials have no cold start, and
// discards the answer. The first request starts worker and app; before it there are no
// processes whose memory and context switches could be read.
func (r *runner) awaken(ctx context.Context, targets []*target, trials []ancmbench.Trial) error {
	if slices.ContainsFunc(trials, func(t ancmbench.Trial) bool { return t.Phase.Kind == ancmbench.ColdStart }) {
		return nil
	}
	for _, a := range targets {
		if !a.spec.StartsOnRequest() {
			continue
		}
		if _, err := r.firstAnswer(ctx, a, trials[0]); err != nil {
			return err
		}
		if err := a.running.Open(ctx); err != nil {
			return err
		}
		a.readIdle(ctx)
	}
	return nil
}

// restart stops a target's processes and starts new ones. If it fails, no process of the
// target is left.
func (r *runner) restart(ctx context.Context, a *target) error {
	spec := a.spec
	if err := a.running.Stop(ctx); err != nil {
		return fmt.Errorf("%s does not stop: %w", spec.Name, err)
	}
	fresh, err := r.startTarget(ctx, spec)
	if err != nil {
		return err
	}
	*a = *fresh
	return nil
}

func (r *runner) firstAnswer(ctx context.Context, a *target, t ancmbench.Trial) (ancmbench.Result, error) {
	target, err := r.first(a, t.Phase)
	if err != nil {
		return ancmbench.Result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, coldTimeout)
	defer cancel()
	took, err := r.request(ctx, target)
	if err != nil {
		return ancmbench.Result{}, fmt.Errorf("%s gives no first answer: %w%s", a.spec.Name, err, r.why(ctx, a))
	}
	return firstResult(a, t, took), nil
}

// first returns what is asked for a first answer in a phase.
func (r *runner) first(a *target, ph ancmbench.Phase) (ancmbench.Target, error) {
	t, err := a.asked("")
	if t.Workload.Requests == nil {
		t.Workload = r.cfg.workloadOf(a.spec, ph.Workload)
	}
	t.Workload = withHeader(t.Workload, a.spec.Header)
	return t, err
}

// askAgain is the pause between two attempts to get a first answer. Each attempt at a port
// on which nobody listens costs some 50 us of CPU.
const askAgain = time.Millisecond

// relaunched starts a target anew and measures the time until its first right answer.
func (r *runner) relaunched(ctx context.Context, a *target, t ancmbench.Trial) (ancmbench.Result, error) {
	began, err := a.running.Relaunch(ctx)
	if err != nil {
		return ancmbench.Result{}, err
	}
	target, err := r.first(a, t.Phase)
	if err != nil {
		return ancmbench.Result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, coldTimeout)
	defer cancel()
	for {
		_, err := loadgen.Once(ctx, target)
		if err == nil {
			return firstResult(a, t, time.Since(began)), nil
		}
		if died := a.died(); died != nil {
			return ancmbench.Result{}, died
		}
		if !waitUntil(ctx, time.Now().Add(askAgain)) {
			return ancmbench.Result{}, fmt.Errorf("%s gives no first answer: %w%s", a.spec.Name, err, r.why(ctx, a))
		}
	}
}

// firstResult returns the result of a first answer.
func firstResult(a *target, t ancmbench.Trial, took time.Duration) ancmbench.Result {
	return ancmbench.Result{Target: a.spec.Name, Arrivals: t.Phase.Arrivals, Dealing: t.Phase.Dealing, Connections: 1,
		Instants: []ancmbench.Seconds{ancmbench.Seconds(took)},
		Response: new(ancmbench.Histogram), Service: new(ancmbench.Histogram), Lag: new(ancmbench.Histogram),
		FirstByte: new(ancmbench.Histogram), SettleResponse: new(ancmbench.Histogram), SettleService: new(ancmbench.Histogram),
	}
}

// faultBound is how long the fault that explains a failed answer may take to arrive.
const faultBound = time.Second

// why returns why a target does not answer, or "": the fault that its site has reported, and
// the last lines that its app or its processes wrote.
func (r *runner) why(ctx context.Context, a *target) string {
	if errors.Is(ctx.Err(), context.Canceled) {
		return "" // the run was ended, and nobody asks
	}
	ctx = context.WithoutCancel(ctx) // whose time may be what is over
	if a.spec.Model == "" {
		return a.lastWords(ctx)
	}
	bounded, cancel := context.WithTimeout(ctx, faultBound)
	defer cancel()
	e, ok := r.events.of(bounded, a.spec.Name)
	if !ok {
		return a.lastWords(ctx)
	}
	text, _, _ := strings.Cut(e.Text, "\n") // where an exception was thrown is in the log
	return ": " + text + quoted(e.Output)
}

// single reports whether a trial takes the time of single requests, which one load host
// sends.
func single(t ancmbench.Trial) bool {
	return t.Phase.Kind == ancmbench.ColdStart || t.Phase.Kind == ancmbench.Recovery
}

// firstAnswerBound is how long a command that listens may take for its first answer: many
// servers load what they need only then.
const firstAnswerBound = 30 * time.Second

// answersAtAll sends a first request to a command and returns a WrongPath if the answer has
// a status of 300 to 499. So a wrong path is reported by its status and not by a share of
// errors. Other failures are left to the load.
func (r *runner) answersAtAll(ctx context.Context, a *target) error {
	t, err := r.first(a, ancmbench.Phase{})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, firstAnswerBound)
	defer cancel()
	_, err = r.request(ctx, t)
	var wrong *loadgen.StatusError
	if errors.As(err, &wrong) && wrong.Status >= 300 && wrong.Status < 500 { // a 5xx may pass
		q := t.Workload.Requests[0]
		return &WrongPath{Target: a.spec.Name, Path: withoutQuery(q.Path), Status: wrong.Status}
	}
	return nil
}

// WrongPath is the error of a command that answers but does not serve the path. Starting
// it again would not help.
type WrongPath struct {
	Target, Path string
	Status       int
}

func (w *WrongPath) Error() string {
	return fmt.Sprintf("%s answers %d %s to GET %s", w.Target, w.Status, http.StatusText(w.Status), w.Path)
}
