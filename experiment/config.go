package experiment

import (
	"context"
	"time"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/internal/usage"
	"ancmbench/loadgen"
	"ancmbench/models"
)

// TargetSpec says what to measure.
type TargetSpec = targets.Spec

// Config says what to run, and where results and progress go.
type Config struct {
	Profile ancmbench.Profile
	// Targets are measured against each other; the first is the baseline.
	Targets []TargetSpec
	// Start starts a target. If nil, targets run on this machine.
	Start targets.Start
	// Ledger has the CPU of the processes that belong to the run, so that it is not taken
	// for load of others. Start adds to it if it starts any on this machine. It may be nil.
	Ledger *usage.Ledger
	// Once sends single requests, as loadgen.Once does. If nil, this machine sends them.
	Once func(context.Context, ancmbench.Target) (time.Duration, error)
	// Machines are the other machines that take part, for the results file.
	Machines []ancmbench.Machine
	// NewEngine makes the load generator of one fresh start. If it is an io.Closer, it
	// is closed afterwards.
	NewEngine func() loadgen.Engine
	// LeftOut lists the requested models that cannot run here, with the reason.
	LeftOut []string
	// Second, if not nil, makes a second engine. Every fresh start compares the two at a
	// low rate; their difference is the instrument's own error.
	Second func() loadgen.Engine
	// Engines makes the engines for single phases, by name: "vegeta" for fronts with
	// TLS or HTTP/2, and "websocket".
	Engines map[string]func() loadgen.Engine
	// Front is "auto", "lean" or "nethttp", for bundled models.
	Front string
	// WebConfig and ModuleVersion configure the module of bundled models, as in
	// models.Options.
	WebConfig, ModuleVersion string
	// PathBase is the path of the app, as in models.Options. The workloads' paths must
	// include it.
	PathBase string
	// Program is the command line of the program that the models host by WebConfig's
	// processPath, without private details. Empty means our own app.
	Program string
	// ASPNETCore is the version of ASP.NET Core that Program uses; empty if it is none or
	// not known.
	ASPNETCore string
	// Native lists the native modules in front of every bundled model.
	Native models.NativeModules
	// Seed decides every random choice.
	Seed uint64
	// Dir is the folder of the run; it must exist.
	Dir string
	// RateFixed keeps Profile.Rate whatever the headroom is, because the user asked
	// for it.
	RateFixed bool
	// AllowDifferentBodies measures targets that answer the same request with different
	// bodies; otherwise they are not the same work, and Run refuses them.
	AllowDifferentBodies bool
	// FindPeak allows peak phases and sweeps on servers that we did not start.
	FindPeak bool
	// WithHostDetails leaves host names, paths and header values in the file.
	WithHostDetails bool
	// Tool and Command go into the results file as they are.
	Tool    ancmbench.Tool
	Command []string
	// Enough is called after each fresh start and reports whether the run may stop. If
	// nil, the whole plan is carried out.
	Enough func(*ancmbench.Run) bool
	// Progress is called with each Event, on the goroutine of Run. It may be nil.
	Progress func(Event)
}

// Event reports the progress of a run.
type Event struct {
	// Launch is the number of the fresh start, from 0. Launches is the planned number.
	Launch, Launches int
	// Phase is the name of the phase that begins, "start" while the processes of a
	// fresh start are started, and empty at the end of the run.
	Phase string
	// Elapsed is the time since the start. Left is an estimate of the time to the end.
	Elapsed, Left time.Duration
	// Run is the results so far; read it only during the call.
	Run *ancmbench.Run
}

// Bounds of the experiment, each with its reason.
const (
	// maxRepeats is how often invalid trials are repeated in one run. If more are
	// needed, the host is too noisy for this measurement.
	maxRepeats = 3
	// headroomShare is the share of all cores that the open-loop rate may use
	// (on two shared cores 1000/s could not be gated where 250/s could).
	headroomShare = 0.45
	// warmAgree is the largest log ratio of two consecutive windows' p50 that counts as
	// agreement. On a warm server, one in six pairs of 350 ms windows differed by more
	// than 0.10, and the worst of three targets did in a third of the pairs. Longer
	// windows were hardly better, because the noise of a shared host has a period of
	// seconds. One in twenty pairs exceeds 0.25, and never three in a row; a server that
	// is twice as slow is at 0.69.
	warmAgree = 0.25
	// warmLater is the log ratio by which a server may be faster at the end of a fresh
	// start than at the end of its warm-up. It is three times the scatter of such
	// windows.
	warmLater = 0.30
	// lookBackAfter is how long after the warm-up began a slow start becomes visible.
	// Fresh starts shorter than shortLaunch do not wait for it.
	lookBackAfter = 9 * time.Second
	shortLaunch   = 6 * time.Second
	// BackgroundShare is the share of one core that a target may use while another is
	// loaded. Our own models use 0.05 to 0.35 %. A target that used 0.8 % changed the
	// other's median by 5 %; at 0.4 % no difference was detected (docs/method.md). The
	// cause is less that the two compete than that one keeps a core awake for the other.
	BackgroundShare = 0.005
	// longSlice is the fitted length above which continuous blocks replace slices.
	longSlice = 2 * time.Second
	// blockServices is the least length of a continuous block in service times. The p99
	// of a worker that is busy half the time is 3 % too low at 40 to 50, and 15 % at 11
	// (scripts/method.sh --only queue-simulated).
	blockServices = 50
	// crossCheckRate and crossCheckTime: low enough for any engine to keep up, and
	// long enough for a median.
	crossCheckRate = 200
	crossCheckTime = time.Second
	// coldTimeout limits a cold start; it is the default of startupTimeLimit.
	coldTimeout = 120 * time.Second
)

// loadHosts returns how many other machines send the load; 0 if this one does.
func (c Config) loadHosts() (n int) {
	for _, m := range c.Machines {
		if m.Load {
			n++
		}
	}
	return n
}

// apart reports whether the generator has a machine of its own.
func (c Config) apart() bool { return len(c.Machines) > 0 }
