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
	"time"

	"ancmbench"
	"ancmbench/internal/host"
	"ancmbench/internal/usage"
	"ancmbench/loadgen"
	"ancmbench/models"
	"ancmbench/models/peers"
)

// ErrVoid is in the error of a run none of whose launches could be counted:
// what was measured is in the file, and means nothing.
var ErrVoid = errors.New("the run is void")

// runner is one run under way.
type runner struct {
	cfg     Config
	run     *ancmbench.Run
	id      string // names this run's cgroups; its process comes first
	began   time.Time
	watcher *host.Watcher
	ledger  usage.Ledger // the CPU of everything that belongs to the run
	unpin   func() error // gives the generator all cores back; nil if it was not pinned
	repeats int
	// fitted is what the first launch's warm-up found, and later ones keep.
	fitted *fit
	// warmed is how warm the present launch's targets became, until it was looked back
	// at; faster holds per target, for each launch, what it gained since.
	warmed *warmth
	faster [][]float64
	// overhead is the mean time a launch took beyond its planned load.
	overhead time.Duration
	finished int // launches carried out, void ones included
	events   events
}

// Run carries out the plan and returns what it saw, which is also in the
// results file. With an error, too, the Run holds every trial that was finished; what
// Check refuses is not begun, and leaves an empty Run.
func Run(ctx context.Context, cfg Config) (*ancmbench.Run, error) {
	if err := cfg.Check(); err != nil {
		return &ancmbench.Run{}, err
	}
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
	r.run = r.newRun()
	_, _ = usage.SweepStale() // what a run left that was killed at one instant with all its processes
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
		err = saved // a disk that is full is said once
	}
	return r.run, err
}

// watch begins to look at what disturbs the run; where that cannot be, the host
// says so.
func (r *runner) watch() error {
	self, err := r.ledger.Open([]usage.Role{{Name: ancmbench.GeneratorRole, PIDs: []int{os.Getpid()}}})
	r.watcher = &host.Watcher{Own: r.ledger.CPU}
	if err != nil {
		r.watcher.Own = nil
	}
	_ = self // open as long as the run
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
		Host: host.Fingerprint(), Command: r.cfg.Command,
		Plan: Plan(r.cfg), State: ancmbench.Running,
	}
	if r.cfg.WithHostDetails {
		host.AddDetails(&run.Host)
	}
	run.Host.GeneratorCores, run.Host.ServerCores = host.Cores(0)
	found := host.Inspect(run.Host, 0)
	run.Host.Checks, run.Host.Warnings = found.Checks, found.Warnings
	for _, why := range r.cfg.LeftOut {
		run.Warnings = append(run.Warnings, ancmbench.Warning{Code: ancmbench.WarnLeftOut, Detail: why})
	}
	for _, a := range r.cfg.Targets {
		run.Targets = append(run.Targets, ancmbench.TargetInfo{Name: a.Name, Model: a.Model, TwinOf: a.TwinOf, Revision: a.Revision})
	}
	return run
}

// serverProcs is GOMAXPROCS of every Go role: the size of the set that they share.
func (r *runner) serverProcs() int {
	if n := len(r.run.Host.ServerCores); n > 0 {
		return n
	}
	return r.run.Host.Cores
}

// launches carries out one launch after the other until the plan is done, it is
// enough, time is up, or something stops it.
func (r *runner) launches(ctx context.Context) error {
	byLaunch := make([][]ancmbench.Trial, r.cfg.Profile.Launches)
	for _, t := range r.run.Plan {
		byLaunch[t.Launch] = append(byLaunch[t.Launch], t)
	}
	for i, trials := range byLaunch {
		before := time.Now()
		err := r.launch(ctx, trials)
		if err != nil && ctx.Err() == nil && r.repeats < maxRepeats && worthAnother(err) {
			// A process died or ended as it started: fresh processes once more.
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

// worthAnother tells that a launch that ended with an error may end otherwise when it is
// begun anew. What does not listen had the time that its error names, and not twice that.
func worthAnother(err error) bool {
	var path *WrongPath
	return !errors.Is(err, peers.ErrNotListening) && !errors.As(err, &path)
}

// dropLaunch marks what a broken launch has seen as void: a launch counts whole
// or not at all.
func (r *runner) dropLaunch(launch int, why error) {
	for i := range r.run.Results {
		if res := &r.run.Results[i]; res.Launch == launch && res.Void == "" {
			res.Void = ancmbench.VoidDied
		}
	}
	r.run.Warnings = append(r.run.Warnings, ancmbench.Warning{Code: ancmbench.WarnRepeated, Value: 1, Detail: r.public(why)})
}

// public is an error's text if it may be shown to everybody, else a general word.
func (r *runner) public(err error) string {
	if r.cfg.WithHostDetails {
		return err.Error()
	}
	return ancmbench.VoidDied
}

// launchCounts tells whether every planned trial of the launch has a result
// that is not void.
func (r *runner) launchCounts(launch int) bool {
	need := map[int]int{}
	for _, t := range r.run.Plan {
		switch {
		case t.Launch != launch || t.Phase.Kind == ancmbench.WarmUp:
		case t.Phase.Kind == ancmbench.Recovery || t.Phase.Kind == ancmbench.CrossCheck:
			need[t.Index] = 1 // not every target has the role, or is looked at
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

// launch starts every target anew, in the order drawn for it, carries out its
// trials, and ends the targets.
func (r *runner) launch(ctx context.Context, trials []ancmbench.Trial) (err error) {
	r.tell(trials[0].Launch, "start")
	byName := map[string]*target{}
	defer func() {
		for _, s := range r.cfg.Targets {
			if a := byName[s.Name]; a != nil {
				err = a.end(ctx, err)
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
	r.warmed = nil
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
	return nil
}

// note writes what is now known of the targets into the run.
func (r *runner) note(targets []*target) {
	for _, a := range targets {
		i := slices.IndexFunc(r.run.Targets, func(t ancmbench.TargetInfo) bool { return t.Name == a.spec.Name })
		info := &r.run.Targets[i]
		info.Roles, info.Local = a.roles, a.roles != nil
		if a.site != nil {
			info.Front, info.Native = a.site.Front(), r.cfg.Native.Names()
		}
		if a.front != "" {
			info.Front, info.Protocol = models.FrontNetHTTP, protocolOf(a.target)
		}
	}
}

// trial carries out one trial and repeats it while it is void and repeats are left.
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
			err = death // whatever else failed, failed of it
		}
		if err != nil {
			markVoid(results, ctx)
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

// workloadName is what a target was asked for: its own, or the phase's.
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

// markVoid keeps a broken trial's observations out of every statement.
func markVoid(results []ancmbench.Result, ctx context.Context) {
	why := ancmbench.VoidDied
	if ctx.Err() != nil {
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

// once carries out a trial one time, by its kind.
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

// finish closes the books: how the run ended, and what the host did meanwhile.
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

// save writes the results file, without what must not leave the machine.
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

// left estimates the time to the end: what is planned, and what launches took
// beyond that so far.
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
