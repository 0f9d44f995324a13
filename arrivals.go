package ancmbench

// ArrivalKind names the law that says when requests fall due.
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

// Arrivals says when the requests to one target fall due. Times are in the target's
// own virtual time, which runs only while the target is loaded.
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
	// drain between; it is unbiased, and the headline table uses it.
	Slices DealingKind = "slices"
	// Duel deals single requests, in random order within each group of one per
	// target. It has a tenth of the noise but is biased towards no difference, so
	// only the gate uses it.
	Duel DealingKind = "duel"
)

// Dealing says how a stream is shared among the targets of a Load.
type Dealing struct {
	Kind DealingKind `json:"kind"`
	// Slice is the planned length of one slice; zero lets experiment fit it to
	// max(50 ms, 100 x warm-up p50, 20 x connections / throughput).
	Slice Seconds `json:"slice_seconds,omitempty"`
	// Settle is the share of a slice, in [0,0.5], at its start. Requests that fall
	// due in it are recorded apart, because the caches are cold after the switch.
	Settle float64 `json:"settle_share,omitempty"`
	// Gap is the rest between the end of a drain and the next slice.
	Gap Seconds `json:"gap_seconds,omitempty"`
	// Mirrored takes the targets in order and then in reverse (ABBA), instead of
	// in a random order for each group. Continuous blocks use it.
	Mirrored bool `json:"mirrored,omitempty"`
	// Seed decides the order within each group.
	Seed uint64 `json:"seed"`
}
