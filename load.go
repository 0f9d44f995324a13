package ancmbench

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
