package ancmbench

// Load is what an engine needs to know of a Trial. It says nothing of models or
// processes.
type Load struct {
	Arrivals Arrivals `json:"arrivals"`
	Dealing  Dealing  `json:"dealing"`
	// Duration per target, in virtual time.
	Duration Seconds `json:"duration_seconds"`
	// Connections per target, which is also its limit of requests in flight.
	Connections int `json:"connections"`
	// Requests ends a closed loop on one target after that many requests, unless
	// Duration ends it earlier; zero means no limit.
	Requests int64 `json:"requests,omitempty"`
	// Timeout of one request from when it was sent, and of a drain; zero means 10 s.
	Timeout Seconds `json:"timeout_seconds,omitempty"`
	// Backlog is how many due requests may wait for a free connection. Further ones
	// are counted as shed. Zero means 1,000,000.
	Backlog int `json:"backlog,omitempty"`
	// MaxErrorShare stops the load within 1 s once more than this share of at
	// least 20 requests failed; zero means never.
	MaxErrorShare float64 `json:"max_error_share,omitempty"`
	// Spin is how the engine waits for a due time: "precise", "balanced" or
	// "idle"; empty lets the engine choose by the cores it has.
	Spin string `json:"spin,omitempty"`
	// Spread uses the connections of an open loop in turn, so that all are in use at
	// any rate; otherwise the connection that became free last is used first.
	Spread  bool     `json:"spread,omitempty"`
	Targets []Target `json:"targets"`
	// Part, if not nil, is the share of the load that one of several generators carries
	// out. All other fields describe the whole load.
	Part *Part `json:"part,omitempty"`
}

// Part is one generator's share of a load that several generators carry out together, by
// one timetable that no drain can move. In an open loop the generators divide the requests
// among them, in a closed loop the connections.
type Part struct {
	// Index is the number of this generator, from 0, and Of how many there are.
	Index int `json:"index"`
	Of    int `json:"of"`
	// Seed decides which generator sends which request of an open loop.
	Seed uint64 `json:"seed"`
}
