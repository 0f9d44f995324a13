package ancmbench

// ArrivalKind names a law by which requests fall due.
type ArrivalKind string

// The laws. All but Closed are open loops: the due time of request n does not
// depend on any answer.
const (
	Constant ArrivalKind = "constant" // evenly spaced
	Poisson  ArrivalKind = "poisson"  // exponential gaps, seeded
	Ramp     ArrivalKind = "ramp"     // rate grows linearly from Rate to RampTo
	Steps    ArrivalKind = "steps"    // piecewise constant
	Replay   ArrivalKind = "replay"   // a list of instants
	Closed   ArrivalKind = "closed"   // a connection sends again when it is answered
)

// Arrivals is the law by which requests to one target fall due, in that
// target's own virtual time, which runs only while the target is loaded.
type Arrivals struct {
	Kind ArrivalKind `json:"kind"`
	// Rate is requests per second per target; not used by Replay and Closed.
	Rate float64 `json:"rate_per_second,omitempty"`
	// RampTo is the rate at the end of the Load, for Ramp.
	RampTo float64 `json:"ramp_to_per_second,omitempty"`
	// Random gives Ramp and Steps exponential gaps (Poisson is always random).
	Random bool `json:"random,omitempty"`
	// Steps are the rates of Steps, one after the other.
	Steps []Step `json:"steps,omitempty"`
	// Instants are the due times of Replay, ascending, from the start.
	Instants []Seconds `json:"instants_seconds,omitempty"`
	// Think is how long a connection of a Closed loop waits after an answer.
	Think Seconds `json:"think_seconds,omitempty"`
	// Seed decides every random choice of the law.
	Seed uint64 `json:"seed"`
}

// Open reports whether the law is an open loop.
func (a Arrivals) Open() bool { return a.Kind != Closed }

// Step is a stretch of constant rate.
type Step struct {
	Rate     float64 `json:"rate_per_second"`
	Duration Seconds `json:"duration_seconds"`
}

// DealingKind names a way to share a stream of requests among targets.
type DealingKind string

// The dealings.
const (
	// Single is one target and one stream: the special case.
	Single DealingKind = "single"
	// Slices loads one target at a time, in short alternating slices with a
	// drain between; it is unbiased, and the headline rests on it.
	Slices DealingKind = "slices"
	// Duel deals single requests, in random order within each group of one per
	// target; 10 times quieter, biased towards 1; for the gate only.
	Duel DealingKind = "duel"
)

// Dealing says how a stream is shared among the targets of a Load.
type Dealing struct {
	Kind DealingKind `json:"kind"`
	// Slice is the planned length of one slice; zero lets experiment fit it to
	// max(50 ms, 100 x warm-up p50, 20 x connections / throughput).
	Slice Seconds `json:"slice_seconds,omitempty"`
	// Settle is the share of a slice, in [0,0.5], at whose start requests that
	// fall due are recorded apart: the switch's cold caches land there.
	Settle float64 `json:"settle_share,omitempty"`
	// Gap is the rest between the end of a drain and the next slice.
	Gap Seconds `json:"gap_seconds,omitempty"`
	// Mirrored takes the targets in order and then in reverse (ABBA) instead of
	// in an order drawn for each group; for continuous blocks.
	Mirrored bool `json:"mirrored,omitempty"`
	// Seed decides the order within each group.
	Seed uint64 `json:"seed"`
}
