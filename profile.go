package ancmbench

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
