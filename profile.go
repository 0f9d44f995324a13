package ancmbench

// Profile says what to run, how often and for how long, as a user writes it.
type Profile struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Models are the hosting models to run; the first target of a run is its baseline.
	Models []Model `json:"models"`
	// Targets are servers of the user's, measured after the Models.
	Targets []Server `json:"targets,omitempty"`
	// Needs names the programs without which nothing can be started.
	Needs []string `json:"needs,omitempty"`
	// Launches is the number of fresh starts, the unit of evidence.
	Launches int `json:"launches"`
	// Rate is the open-loop rate per second; zero means that it is chosen from the
	// measured headroom.
	Rate float64 `json:"rate_per_second"`
	// Connections per target.
	Connections int `json:"connections"`
	// Engine is "auto", "wire" or "vegeta".
	Engine  string  `json:"engine"`
	Timeout Seconds `json:"timeout_seconds"`
	// MaxErrorShare is the share of errors, in [0,1], beyond which a trial is invalid.
	MaxErrorShare float64 `json:"max_error_share"`
	// Twin adds a second copy of the first target (A/A) to every fresh start, and to
	// every phase except sweeps.
	Twin bool `json:"twin"`
	// MaxTime limits the whole run; zero means no limit.
	MaxTime Seconds `json:"max_time_seconds,omitempty"`
	// Precision ends the run at a planned look once the headline's interval is within
	// this share; zero means a fixed number of fresh starts.
	Precision float64 `json:"precision_share,omitempty"`
	// SLO is the limit of the p99 response time for a sweep's throughput; zero means
	// 5 ms.
	SLO Seconds `json:"slo_p99_seconds,omitempty"`
	// Budgets are limits on metrics that a gate enforces, as the user wrote them:
	// "out-of-process p99 <= 2ms".
	Budgets   []string   `json:"budgets,omitempty"`
	Workloads []Workload `json:"workloads"`
	Phases    []Phase    `json:"phases"`
	// Dotnet is for targets in .NET; nil means its zero value.
	Dotnet *Dotnet `json:"dotnet,omitempty"`
}
