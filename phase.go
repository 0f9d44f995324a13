package ancmbench

// PhaseKind names what a phase measures.
type PhaseKind string

// The kinds of phase.
const (
	ColdStart PhaseKind = "cold-start" // time from connecting to the first answer, with no worker running
	WarmUp    PhaseKind = "warm-up"    // until two consecutive windows agree; never counted
	Latency   PhaseKind = "latency"    // open loop at a fixed rate
	Peak      PhaseKind = "peak"       // closed loop
	Sweep     PhaseKind = "sweep"      // open loop at several rates
	Memory    PhaseKind = "memory"     // each target is loaded alone and its memory read
	Recovery  PhaseKind = "recovery"   // a process is killed under load
	// CrossCheck loads the baseline alone, at a low rate, with the engine that the
	// phase names. The difference between two engines is the instrument's own error.
	CrossCheck PhaseKind = "cross-check"
)

// Phase is one step of a fresh start, carried out on all its targets.
type Phase struct {
	// Name is unique within a profile.
	Name     string    `json:"name"`
	Kind     PhaseKind `json:"kind"`
	Arrivals Arrivals  `json:"arrivals"`
	Dealing  Dealing   `json:"dealing"`
	// Duration is how long each target is loaded, in its own virtual time. A phase
	// over k targets takes k times as long, plus the drains.
	Duration Seconds `json:"duration_seconds"`
	// Connections per target; zero takes the profile's.
	Connections int `json:"connections,omitempty"`
	// Engine replaces the profile's engine in this phase: "wire" or "vegeta" in a
	// CrossCheck phase, "websocket" in any other.
	Engine string `json:"engine,omitempty"`
	// Kill is the role whose process a Recovery phase kills: RoleWorker or RoleApp.
	Kill string `json:"kill,omitempty"`
	// Workload names a workload of the profile; empty takes the first.
	Workload string `json:"workload,omitempty"`
	// Factor is what the phase varies, if it is a point of a curve.
	Factor Factor `json:"factor,omitempty"`
	// Level is the amount of Factor, in seconds, bytes or connections. Zero is a level
	// like any other; factors without an amount have no level.
	Level float64 `json:"level,omitempty"`
	// Front is the listener of a bundled model that is loaded: "nethttp", "tls", "h2"
	// or "h2c"; empty means the main one.
	Front string `json:"front,omitempty"`
}
