package experiment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/internal/host"
	"ancmbench/internal/usage"
	"ancmbench/loadgen"
)

// ErrVoid is wrapped by the error of a run without a single valid fresh start. The
// results file has what was measured, but no conclusion can be drawn from it.
var ErrVoid = errors.New("the run is void")

// runner is the state of one run.
type runner struct {
	cfg     Config
	run     *ancmbench.Run
	id      string // names this run's cgroups; its process comes first
	began   time.Time
	watcher *host.Watcher
	ledger  *usage.Ledger // the CPU of everything that belongs to the run
	start   targets.Start
	request func(context.Context, ancmbench.Target) (time.Duration, error) // sends a single one
	unpin   func() error                                                   // lets the generator use all cores again; nil if it was not pinned
	repeats int
	// fitted is what the warm-up of the first fresh start found. Later ones use it.
	fitted *fit
	// warmed holds the end of the current warm-up until lookBack compares with it.
	// faster holds, per target and fresh start, how much faster the target became.
	warmed *warmth
	// warmups are the targets in .NET of the current fresh start, from the end of their
	// warm-up until lookBack.
	warmups []*warmingTarget
	faster  [][]float64
	// overhead is the mean time that a fresh start took beyond its planned load.
	overhead time.Duration
	finished int  // fresh starts carried out, invalid ones included
	compared bool // sameWork has compared the targets' answers
	events   events
	warned   map[string]bool // by warnOnce
}

// Run carries out the plan and returns the results, which are also in the results file.
// It fails if a target cannot be started or measured, if ctx is cancelled, or if the
// file cannot be written; the Run then holds every finished trial. If Check fails,
// nothing is started and the Run is empty.
func Run(ctx context.Context, cfg Config) (*ancmbench.Run, error) {
	if err := cfg.Check(); err != nil {
		return &ancmbench.Run{}, err
	}
	if d := cfg.Profile.Dotnet; d != nil && d.Rows != nil {
		return &ancmbench.Run{}, fmt.Errorf("profile %s has rows of .NET's settings, and only 'ancmbench run' measures them, each in a run of its own", cfg.Profile.Name)
	}
	cfg.LeftOut = append(slices.Clone(cfg.LeftOut), cfg.NotCarriedOut()...)
	cfg.Profile = suited(cfg.Profile, cfg.Targets, cfg.FindPeak)
	if cfg.Profile.Twin {
		twin := cfg.Targets[0] // the baseline
		twin.TwinOf, twin.Name = twin.Name, twin.Name+" (twin)"
		cfg.Targets = append(cfg.Targets, twin)
	}
	if cfg.Second != nil {
		cfg.Profile = withCrossCheck(cfg.Profile, cfg.NewEngine().Name(), cfg.Second().Name())
	}
	r := &runner{cfg: cfg, began: time.Now(), overhead: 2 * time.Second,
		id: strconv.Itoa(os.Getpid()) + "-" + strconv.FormatUint(rand.Uint64N(1<<32), 36)}
	if r.ledger = cfg.Ledger; r.ledger == nil {
		r.ledger = &usage.Ledger{}
	}
	if r.start = cfg.Start; r.start == nil {
		r.start = (&targets.Local{Ledger: r.ledger}).Start
	}
	if r.request = cfg.Once; r.request == nil {
		r.request = loadgen.Once
	}
	r.run = r.newRun()
	_, _ = usage.SweepStale() // cgroups of a run that was killed together with all its processes
	if err := r.watch(); err != nil {
		return r.run, err
	}
	defer r.watcher.Stop()
	if err := r.save(); err != nil {
		return r.run, err
	}
	err := r.launches(ctx)
	r.finish(ctx, err)
	if r.unpin != nil {
		err = errors.Join(err, r.unpin())
	}
	if saved := r.save(); err == nil {
		err = saved // otherwise a full disk would be reported twice
	}
	return r.run, err
}

// watch starts to record what disturbs the run, and pins the generator to its cores. It
// fails if the pinning or the watcher fails.
func (r *runner) watch() error {
	self, err := r.ledger.Open([]usage.Role{{Name: ancmbench.GeneratorRole, PIDs: []int{os.Getpid()}}})
	r.watcher = &host.Watcher{Own: r.ledger.CPU}
	if err != nil {
		r.watcher.Own = nil
	}
	_ = self // stays open until the end of the run
	if cores := r.run.Host.GeneratorCores; cores != nil {
		if r.unpin, err = host.Pin(cores); err != nil {
			return fmt.Errorf("the generator cannot be pinned to its cores: %w", err)
		}
	}
	return r.watcher.Start()
}

func (r *runner) newRun() *ancmbench.Run {
	run := &ancmbench.Run{
		Version: ancmbench.RunVersion, Subject: r.cfg.subject(), Program: r.cfg.Program, Tool: r.cfg.Tool,
		Started: r.began.UTC().Truncate(time.Second), Seed: r.cfg.Seed, Profile: r.cfg.Profile,
		Host: host.Fingerprint(), Machines: r.cfg.Machines, Command: r.cfg.Command,
		Plan: Plan(r.cfg), State: ancmbench.Running,
	}
	if r.cfg.WithHostDetails {
		host.AddDetails(&run.Host)
	}
	run.Host.GeneratorCores, run.Host.ServerCores = host.Cores(0)
	found := host.Inspect(run.Host, 0)
	run.Host.Checks, run.Host.Warnings = found.Checks, found.Warnings
	if n := r.cfg.loadHosts(); n > 1 && slices.ContainsFunc(run.Plan, single) {
		run.Warnings = append(run.Warnings, ancmbench.Warning{Code: ancmbench.WarnOneLoadHost, Detail: "cold starts and recoveries"})
	}
	for _, why := range r.cfg.LeftOut {
		run.Warnings = append(run.Warnings, ancmbench.Warning{Code: ancmbench.WarnLeftOut, Detail: why})
	}
	var kept []string
	for _, a := range r.cfg.Targets {
		run.Targets = append(run.Targets, ancmbench.TargetInfo{Name: a.Name, Model: a.Model, TwinOf: a.TwinOf, Revision: a.Revision, AlreadyRunning: a.Foreign()})
		if a.Foreign() {
			kept = append(kept, a.Name)
		}
	}
	if kept != nil {
		run.Warnings = append(run.Warnings, ancmbench.Warning{Code: ancmbench.WarnNotRestarted, Detail: strings.Join(kept, ", ")})
	}
	return run
}

// serverProcs returns GOMAXPROCS for every Go role: the number of cores that they share.
func (r *runner) serverProcs() int {
	if n := len(r.run.Host.ServerCores); n > 0 {
		return n
	}
	return r.run.Host.Cores
}

// launches carries out the fresh starts until the plan is done, Enough reports true, the
// time is up, or an error ends the run.
func (r *runner) launches(ctx context.Context) error {
	byLaunch := make([][]ancmbench.Trial, r.cfg.Profile.Launches)
	for _, t := range r.run.Plan {
		byLaunch[t.Launch] = append(byLaunch[t.Launch], t)
	}
	for i, trials := range byLaunch {
		before := time.Now()
		err := r.launch(ctx, trials)
		if err != nil && ctx.Err() == nil && r.repeats < maxRepeats && worthAnother(err) {
			// A process died, or ended during its start: try with new processes.
			r.repeats++
			r.dropLaunch(i, err)
			err = r.launch(ctx, trials)
		}
		if err != nil {
			return err
		}
		r.finished++
		if r.launchCounts(i) {
			r.run.LaunchesDone++
		}
		took := time.Since(before) - planned(trials)
		r.overhead += (took - r.overhead) / time.Duration(r.finished)
		if r.cfg.Enough != nil && r.cfg.Enough(r.run) {
			return nil
		}
		if limit := r.cfg.Profile.MaxTime.D(); limit > 0 && i+1 < len(byLaunch) && time.Since(r.began)+time.Since(before) > limit {
			r.run.Reason = "time limit"
			return nil
		}
	}
	return nil
}

// worthAnother reports whether a fresh start that failed may succeed when repeated. A
// process that does not listen has had its whole time limit and gets no second one.
func worthAnother(err error) bool {
	var path *WrongPath
	var answer *UnexpectedAnswer
	return !errors.Is(err, targets.ErrFinal) && !errors.As(err, &path) && !errors.As(err, &answer) && !errors.Is(err, ErrFailing) && !errors.Is(err, ErrDifferentWork)
}

// dropLaunch marks the results of a failed fresh start as invalid, because a fresh start
// counts as a whole or not at all.
func (r *runner) dropLaunch(launch int, why error) {
	for i := range r.run.Results {
		if res := &r.run.Results[i]; res.Launch == launch && res.Void == "" {
			res.Void = ancmbench.VoidDied
		}
	}
	r.run.Warnings = append(r.run.Warnings, ancmbench.Warning{Code: ancmbench.WarnRepeated, Value: 1, Detail: r.public(why)})
}

// public returns an error's text, or a general reason if the text may hold host details
// that the user did not allow.
func (r *runner) public(err error) string {
	if r.cfg.WithHostDetails {
		return err.Error()
	}
	return ancmbench.VoidDied
}

// launchCounts reports whether every planned trial of the fresh start has a valid result.
func (r *runner) launchCounts(launch int) bool {
	need := map[int]int{}
	for _, t := range r.run.Plan {
		switch {
		case t.Launch != launch || t.Phase.Kind == ancmbench.WarmUp:
		case t.Phase.Kind == ancmbench.Recovery || t.Phase.Kind == ancmbench.CrossCheck:
			need[t.Index] = 1 // not every target has the role, or takes part
		default:
			need[t.Index] = len(t.Targets)
		}
	}
	for _, res := range r.run.Results {
		if res.Launch == launch && res.Void == "" {
			need[res.Trial]--
		}
	}
	for _, left := range need {
		if left > 0 {
			return false
		}
	}
	return true
}

// launch makes one fresh start: it starts every target in random order, carries out the
// trials, and stops the targets. It returns the first error and what explains it.
func (r *runner) launch(ctx context.Context, trials []ancmbench.Trial) (err error) {
	r.tell(trials[0].Launch, "start")
	byName := map[string]*target{}
	defer func() {
		for _, s := range r.cfg.Targets {
			if a := byName[s.Name]; a != nil {
				err = a.finish(ctx, err)
			}
		}
	}()
	order, _ := startOrder(r.cfg, trials[0].Launch)
	for _, spec := range order {
		a, err := r.startTarget(ctx, spec)
		if err != nil {
			return err
		}
		byName[spec.Name] = a
	}
	r.warmed, r.warmups = nil, nil
	targets := make([]*target, len(r.cfg.Targets)) // in the run's order, the baseline first
	for i, s := range r.cfg.Targets {
		targets[i] = byName[s.Name]
	}
	engine := r.cfg.NewEngine()
	if c, ok := engine.(io.Closer); ok {
		defer c.Close()
	}
	if err := r.awaken(ctx, targets, trials); err != nil {
		return err
	}
	if err := r.sameWork(ctx, targets, trials); err != nil {
		return err
	}
	r.note(targets)
	for _, t := range trials {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if t.Phase.Kind == ancmbench.Recovery {
			r.lookBack(ctx, engine, targets) // before its processes are killed
		}
		if err := r.trial(ctx, engine, targets, t); err != nil {
			return err
		}
	}
	r.lookBack(ctx, engine, targets)
	r.note(targets)
	return nil
}

// note writes what is known of the targets so far into the run.
func (r *runner) note(targets []*target) {
	for _, a := range targets {
		i := slices.IndexFunc(r.run.Targets, func(t ancmbench.TargetInfo) bool { return t.Name == a.spec.Name })
		info := &r.run.Targets[i]
		known := a.running.Info()
		info.Roles, info.Local, info.Processes = known.Roles, known.Roles != nil, known.Processes
		info.Front, info.Protocol, info.Native = known.Front, known.Protocol, known.Native
	}
	r.noteSharing(targets)
}

// trial carries out one trial, and repeats it while it is invalid and repeats are left.
func (r *runner) trial(ctx context.Context, engine loadgen.Engine, targets []*target, t ancmbench.Trial) error {
	r.tell(t.Launch, t.Phase.Name)
	for {
		results, err := r.once(ctx, engine, targets, t)
		for i := range results {
			results[i].Trial, results[i].Launch = t.Index, t.Launch
			results[i].Phase, results[i].PhaseKind = t.Phase.Name, t.Phase.Kind
			results[i].Workload = r.workloadName(results[i].Target, t.Phase)
			for k := range results[i].Warnings {
				results[i].Warnings[k].Phase = t.Phase.Name // the engine knows of no phases
			}
			results[i].Compact()
		}
		if death := firstDeath(targets); death != nil {
			err = death // the cause of any other failure
		}
		if err != nil {
			markVoid(results, ctx, err)
		}
		r.run.Results = append(r.run.Results, results...)
		r.run.Elapsed = ancmbench.Seconds(time.Since(r.began))
		if err := errors.Join(err, r.save()); err != nil {
			return err
		}
		if !anyVoid(results) || r.repeats >= maxRepeats {
			return nil
		}
		r.repeats++
		t.Attempt++
	}
}

// workloadName returns the name of a target's workload: its own, or the phase's.
func (r *runner) workloadName(target string, ph ancmbench.Phase) string {
	for _, a := range r.cfg.Targets {
		if a.Name == target && a.Target.Workload.Requests != nil {
			return a.Target.Workload.Name
		}
	}
	return ph.Workload
}

func firstDeath(targets []*target) error {
	for _, a := range targets {
		if err := a.died(); err != nil {
			return err
		}
	}
	return nil
}

// markVoid marks the results of a failed trial as invalid, so that no statement uses them.
func markVoid(results []ancmbench.Result, ctx context.Context, err error) {
	why := ancmbench.VoidDied
	switch {
	case errors.Is(err, ErrFailing): // of one target, and the trial is discarded as a whole
		why = ancmbench.VoidErrors
	case ctx.Err() != nil:
		why = ancmbench.VoidStopped
	}
	for i := range results {
		if results[i].Void == "" {
			results[i].Void = why
		}
	}
}

func anyVoid(results []ancmbench.Result) bool {
	for _, res := range results {
		if res.Void != "" {
			return true
		}
	}
	return false
}

// once carries out a trial once, by its kind.
func (r *runner) once(ctx context.Context, engine loadgen.Engine, targets []*target, t ancmbench.Trial) ([]ancmbench.Result, error) {
	targets = reached(targets, t)
	switch t.Phase.Kind {
	case ancmbench.ColdStart:
		return r.coldStart(ctx, engine, targets, t)
	case ancmbench.WarmUp:
		return nil, r.warmUp(ctx, engine, targets, t)
	case ancmbench.Memory:
		return r.memory(ctx, engine, targets, t)
	case ancmbench.CrossCheck:
		return r.crossCheck(ctx, engine, targets, t)
	case ancmbench.Recovery:
		return r.recovery(ctx, engine, targets, t)
	case ancmbench.Latency, ancmbench.Peak, ancmbench.Sweep:
		return r.loaded(ctx, engine, targets, t)
	default:
		return nil, fmt.Errorf("phase %s: kind %q cannot be carried out yet", t.Phase.Name, t.Phase.Kind)
	}
}

// finish records how the run ended and what disturbed it.
func (r *runner) finish(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
		r.run.State = ancmbench.Interrupted
		r.run.Warnings = append(r.run.Warnings, ancmbench.Warning{Code: ancmbench.WarnInterrupted,
			Value: float64(r.run.LaunchesDone), Bound: float64(r.cfg.Profile.Launches)})
	case err != nil:
		r.run.State = ancmbench.Failed
	default:
		r.run.State = ancmbench.Complete
	}
	r.stillWarming()
	r.watcher.Stop()
	seen := r.watcher.Seen()
	fillSteal(r.run.Results, r.began, r.watcher.Steal())
	r.run.Host.Steal, r.run.Host.OtherLoad = seen.Steal, seen.OtherLoad
	r.run.Host.Checks = append(r.run.Host.Checks, seen.Checks...)
	r.run.Host.Warnings = append(r.run.Host.Warnings, seen.Warnings...)
	for field, why := range seen.Unsupported {
		if r.run.Host.Unsupported == nil {
			r.run.Host.Unsupported = map[string]string{}
		}
		r.run.Host.Unsupported[field] = why
	}
	r.run.Elapsed = ancmbench.Seconds(time.Since(r.began))
	r.tell(r.cfg.Profile.Launches, "")
}

// save writes the results file, without private details unless the user allowed them.
func (r *runner) save() error {
	r.run.Events = r.events.all()
	out := r.run
	if !r.cfg.WithHostDetails {
		out = withheld(out)
	}
	return out.WriteFile(filepath.Join(r.cfg.Dir, ancmbench.ResultFile))
}

// tell reports progress.
func (r *runner) tell(launch int, phase string) {
	if r.cfg.Progress == nil {
		return
	}
	elapsed := time.Since(r.began)
	r.cfg.Progress(Event{Launch: launch, Launches: r.cfg.Profile.Launches, Phase: phase,
		Elapsed: elapsed, Left: r.left(elapsed), Run: r.run})
}

// left estimates the time to the end from the planned load and the mean overhead so far.
func (r *runner) left(elapsed time.Duration) time.Duration {
	n := time.Duration(r.cfg.Profile.Launches)
	total := planned(r.run.Plan) + n*r.overhead
	return max(total-elapsed, 0).Round(time.Second)
}

func planned(trials []ancmbench.Trial) time.Duration {
	var sum float64
	for _, t := range trials {
		sum += seconds(t)
	}
	return time.Duration(sum * float64(time.Second))
}
