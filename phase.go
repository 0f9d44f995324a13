package ancmbench

// PhaseKind names what a phase is there to find out.
type PhaseKind string

// The kinds of phase.
const (
	ColdStart PhaseKind = "cold-start" // from connect to the first answer, nothing running
	WarmUp    PhaseKind = "warm-up"    // until two consecutive windows agree; never counted
	Latency   PhaseKind = "latency"    // open loop at a fixed rate
	Peak      PhaseKind = "peak"       // closed loop
	Sweep     PhaseKind = "sweep"      // open loop at several rates
	Memory    PhaseKind = "memory"     // each target loaded alone, memory read
	Recovery  PhaseKind = "recovery"   // a process is killed under load
	// CrossCheck loads the baseline alone, at a low rate, with the engine that the
	// phase names: the difference of two engines is the instrument's own error.
	CrossCheck PhaseKind = "cross-check"
)

// Phase is one step of a launch, carried out on all its targets.
type Phase struct {
	// Name is unique within a profile.
	Name     string    `json:"name"`
	Kind     PhaseKind `json:"kind"`
	Arrivals Arrivals  `json:"arrivals"`
	Dealing  Dealing   `json:"dealing"`
	// Duration is how long each target is loaded, in its own virtual time; a
	// phase over k targets takes k times as long, and its drains.
	Duration Seconds `json:"duration_seconds"`
	// Connections per target; zero takes the profile's.
	Connections int `json:"connections,omitempty"`
	// Engine carries the phase out instead of the profile's: "wire" or "vegeta" in
	// a CrossCheck phase, "websocket" in any other.
	Engine string `json:"engine,omitempty"`
	// Kill is the role whose process a Recovery phase kills: "worker" or "app".
	Kill string `json:"kill,omitempty"`
	// Workload names a workload of the profile; empty takes the first.
	Workload string `json:"workload,omitempty"`
	// Factor is what the phase varies, if it is a point of a curve.
	Factor Factor `json:"factor,omitempty"`
	// Level is how much of Factor there is: seconds, bytes or connections. Zero is
	// a level of its own; factors without an amount have none.
	Level float64 `json:"level,omitempty"`
	// Front is the listener of a bundled model that is loaded: "" is the main one,
	// else "nethttp", "tls", "h2" or "h2c".
	Front string `json:"front,omitempty"`
}

// Factor is a property of an app, or of how it is reached, on which what hosting
// it costs may depend.
type Factor string

// The factors. Those of the first group have a Level.
const (
	FactorCPU         Factor = "cpu"         // seconds of processor time in the app per request
	FactorWait        Factor = "wait"        // seconds that the app waits per request
	FactorDownload    Factor = "download"    // bytes of body in an answer
	FactorUpload      Factor = "upload"      // bytes of body in a request
	FactorConnections Factor = "connections" // kept-alive connections, used in turn

	FactorReconnect Factor = "reconnect" // a new connection for every request
	FactorStream    Factor = "stream"    // an answer in flushed pieces: its first byte counts
	FactorWebSocket Factor = "websocket" // round trips over a connection that was upgraded
	FactorFront     Factor = "front"     // TLS or HTTP/2, as Phase.Front says
)

// Factors lists them in the order in which reports show them.
var Factors = []Factor{FactorCPU, FactorWait, FactorDownload, FactorUpload, FactorConnections,
	FactorReconnect, FactorStream, FactorWebSocket, FactorFront}

// LevelUnit is the unit of a Level: "seconds", "bytes" or "connections"; empty if
// the factor has none.
func (f Factor) LevelUnit() string {
	switch f {
	case FactorCPU, FactorWait:
		return "seconds"
	case FactorDownload, FactorUpload:
		return "bytes"
	case FactorConnections:
		return "connections"
	}
	return ""
}

// Trial is one phase of one launch on a set of targets.
type Trial struct {
	// Index counts the trials of a run from 0, in the order they are planned.
	Index int `json:"index"`
	// Launch counts the fresh starts of a run from 0.
	Launch int `json:"launch"`
	// Attempt is 0, and counts up when a void trial is repeated.
	Attempt int   `json:"attempt,omitempty"`
	Phase   Phase `json:"phase"`
	// Targets are the names of the targets, in the order in which they were
	// started in this launch.
	Targets []string `json:"targets"`
}

// Load is what an engine is handed: all of a Trial that it needs to know, and
// nothing of models or processes.
type Load struct {
	Arrivals Arrivals `json:"arrivals"`
	Dealing  Dealing  `json:"dealing"`
	// Duration per target, in virtual time.
	Duration Seconds `json:"duration_seconds"`
	// Connections per target, and so the most requests in flight on it.
	Connections int `json:"connections"`
	// Requests ends a closed loop on one target after that many were sent, if Duration
	// does not end it before; zero means no bound.
	Requests int64 `json:"requests,omitempty"`
	// Timeout of one request from when it was sent, and of a drain; zero means 10 s.
	Timeout Seconds `json:"timeout_seconds,omitempty"`
	// Backlog is how many due requests may wait for a free connection before
	// further ones are shed, and counted so; zero means 1,000,000.
	Backlog int `json:"backlog,omitempty"`
	// MaxErrorShare stops the load within 1 s once more than this share of at
	// least 20 requests failed; zero means never.
	MaxErrorShare float64 `json:"max_error_share,omitempty"`
	// Spin is how the engine waits for a due time: "precise", "balanced" or
	// "idle"; empty lets the engine choose by the cores it has.
	Spin string `json:"spin,omitempty"`
	// Spread uses the connections of an open loop in turn, so that many are in use
	// at any rate; otherwise the one that was free last is taken first.
	Spread  bool     `json:"spread,omitempty"`
	Targets []Target `json:"targets"`
}

// Profile is a plan in a person's words: what to run, how often, how long.
type Profile struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Models are the hosting models to run when no target is given.
	Models []Model `json:"models"`
	// Launches is the number of fresh starts, the unit of evidence.
	Launches int `json:"launches"`
	// Rate is the open-loop rate per second; zero takes it from measured headroom.
	Rate float64 `json:"rate_per_second"`
	// Connections per target.
	Connections int `json:"connections"`
	// Engine is "auto", "wire" or "vegeta".
	Engine  string  `json:"engine"`
	Timeout Seconds `json:"timeout_seconds"`
	// MaxErrorShare voids a trial, in [0,1].
	MaxErrorShare float64 `json:"max_error_share"`
	// Twin adds a second copy of the first target to every launch (A/A), and to every
	// phase but a sweep.
	Twin bool `json:"twin"`
	// MaxTime bounds the whole run; zero means no bound.
	MaxTime Seconds `json:"max_time_seconds,omitempty"`
	// Precision stops at a planned look once the interval of the headline is
	// within this share; zero means a fixed number of launches.
	Precision float64 `json:"precision_share,omitempty"`
	// SLO is the p99 of response time by which a sweep's throughput is stated; zero
	// means 5 ms.
	SLO Seconds `json:"slo_p99_seconds,omitempty"`
	// Budgets are bounds on metrics that a gate judges by, as a person wrote them:
	// "out-of-process p99 <= 2ms".
	Budgets   []string   `json:"budgets,omitempty"`
	Workloads []Workload `json:"workloads"`
	Phases    []Phase    `json:"phases"`
}
