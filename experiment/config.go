package experiment

import (
	"time"

	"ancmbench"
	"ancmbench/loadgen"
	"ancmbench/models"
	"ancmbench/models/peers"
)

// TargetSpec is one thing to be measured: a bundled model or a real proxy in
// front of the model direct, a command of the user's, or a server that is there already.
// Of Model, Command and Target's Address one is set.
type TargetSpec struct {
	// Name is what reports call it.
	Name string
	// Model is a rung of the breakdown. Scheme and Protocol of Target then say how it
	// is spoken to.
	Model ancmbench.Model
	// Command is a server of the user's that every launch starts anew.
	Command *peers.Command
	// Target is a server of the user's that is there already; its Workload, if it
	// has requests, stands before the profile's.
	Target ancmbench.Target
	// TwinOf names the target of which this is a second copy.
	TwinOf string
	// Revision is what the server was built from; nil if that is not known.
	Revision *ancmbench.Revision
}

// foreign tells that the target is a server that we did not start, and so have no
// right to load, to stop or to kill as we like.
func (s TargetSpec) foreign() bool { return s.Model == "" && s.Command == nil }

// Config says what to run and whom to tell.
type Config struct {
	Profile ancmbench.Profile
	// Targets are measured against each other; the first is the baseline.
	Targets []TargetSpec
	// NewEngine makes the load generator of one launch. If it is an io.Closer it
	// is closed when the launch is over.
	NewEngine func() loadgen.Engine
	// LeftOut are rungs that were asked for and cannot run here, with the reason.
	LeftOut []string
	// Second, if not nil, makes the engine that the first is held against at a low
	// rate in every launch: the instrument's own error.
	Second func() loadgen.Engine
	// Engines makes the engines that single phases need, by name: "vegeta" for
	// fronts with TLS or HTTP/2, "websocket".
	Engines map[string]func() loadgen.Engine
	// Front is "auto", "lean" or "nethttp", for bundled models.
	Front string
	// WebConfig and ModuleVersion configure the module of bundled models, as in
	// models.Options.
	WebConfig, ModuleVersion string
	// PathBase is where their app is, as in models.Options; the workloads' paths have
	// it already.
	PathBase string
	// Program is what the models host, where that is the program of WebConfig's
	// processPath: its command line as everybody may see it. Empty is our own app.
	Program string
	// Native modules stand in front of every bundled model.
	Native models.NativeModules
	// Seed decides all that is drawn.
	Seed uint64
	// Dir is the folder of the run; it must exist.
	Dir string
	// RateFixed keeps Profile.Rate whatever the headroom is: a person asked for it.
	RateFixed bool
	// FindPeak allows peak phases and sweeps on servers that we did not start.
	FindPeak bool
	// WithHostDetails leaves host names, paths and header values in the file.
	WithHostDetails bool
	// Tool and Command go into the results file as they are.
	Tool    ancmbench.Tool
	Command []string
	// Enough is asked after each launch whether the plan may stop; nil never does.
	Enough func(*ancmbench.Run) bool
	// Progress is told what happens, on the goroutine of Run; nil tells nobody.
	Progress func(Event)
}

// Event is a sign of progress.
type Event struct {
	// Launch counts from 0; Launches is how many are planned.
	Launch, Launches int
	// Phase is the name of the phase that begins, "start" or "stop" while the
	// processes of a launch come and go, and empty when the run is over.
	Phase string
	// Elapsed since the start, and an estimate of what is Left.
	Elapsed, Left time.Duration
	// Run is the results so far; read it only during the call.
	Run *ancmbench.Run
}

// Bounds of the experiment, each with its reason.
const (
	// maxRepeats is how often void trials are repeated in one run: noise that
	// needs more says that the host cannot measure this.
	maxRepeats = 3
	// headroomShare is the share of all cores that the open-loop rate may use
	// (on two shared cores 1000/s could not be gated where 250/s could).
	headroomShare = 0.45
	// warmAgree is the log ratio of two consecutive windows' p50 that counts as
	// agreement. On a warm server one in six pairs of 350 ms windows differed by more
	// than 0.10, the worst of three targets in a third of them, and longer windows hardly
	// less: the noise of a shared host has a period of seconds. 0.25 is passed in
	// one of twenty, never three times running; a server twice slower is at 0.69.
	warmAgree = 0.25
	// warmLater is the log ratio by which a server may be faster at the end of a
	// launch than when its warm-up ended: three times what such windows scatter.
	warmLater = 0.30
	// lookBackAfter the warm-up's beginning what starts slowly shows, in launches that
	// are not shorter than shortLaunch.
	lookBackAfter = 9 * time.Second
	shortLaunch   = 6 * time.Second
	// BackgroundShare of one core may be used by a target while another is loaded. Our
	// own models use 0.05 to 0.35 %. A partner that used 0.8 % moved the other's median
	// by 5 %, at 0.4 % nothing could be told (docs/method.md): less by meeting its
	// requests than by keeping a core awake for them.
	BackgroundShare = 0.005
	// longSlice is the fitted slice past which slices give way to continuous
	// blocks.
	longSlice = 2 * time.Second
	// blockServices is how many service times a continuous block is to last: p99 of a
	// worker in use for half its time is 3 % too low at 40 to 50, 15 % at 11
	// (scripts/method.sh --only queue-simulated).
	blockServices = 50
	// crossCheckRate and crossCheckTime: low enough for any engine to keep up, and
	// long enough for a median.
	crossCheckRate = 200
	crossCheckTime = time.Second
	// coldTimeout bounds a cold start: startupTimeLimit's default.
	coldTimeout = 120 * time.Second
)
