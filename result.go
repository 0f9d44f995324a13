package ancmbench

// Result holds what one Trial observed of one Target, without any judgement. Its key
// within a run is (Trial, Launch, Phase, Workload, Target).
type Result struct {
	Trial     int       `json:"trial"`
	Launch    int       `json:"launch"`
	Phase     string    `json:"phase"`
	PhaseKind PhaseKind `json:"phase_kind"`
	Workload  string    `json:"workload"`
	Target    string    `json:"target"`
	// Engine is "wire", "vegeta" or "websocket".
	Engine string `json:"engine"`
	// Arrivals, Dealing and Connections as they were used, after fitting.
	Arrivals    Arrivals `json:"arrivals"`
	Dealing     Dealing  `json:"dealing"`
	Connections int      `json:"connections"`
	// Began is when the trial began, from the start of the run.
	Began Seconds `json:"began_seconds"`
	// Busy is how long this target was under load: its own slices and their drains,
	// without gaps.
	Busy Seconds `json:"busy_seconds"`

	// Response (done - due), Service (done - sent), Lag (how late the generator itself
	// was: sent - due, without Wait and Connect; empty for a closed loop) and
	// FirstByte (first byte - sent), without the requests due in settle time.
	// A timeout, and a request unfinished at the end, enter at their age.
	Response  *Histogram `json:"response"`
	Service   *Histogram `json:"service"`
	Lag       *Histogram `json:"lag"`
	FirstByte *Histogram `json:"first_byte"`
	// Wait is how long requests of an open loop waited for a free connection; the
	// server causes this wait by answering too slowly. Connect is how long opening a
	// connection took. Each holds only the requests that waited or opened one. Both are
	// nil if there were none, and in files of an older version, whose Lag includes them.
	Wait    *Histogram `json:"wait,omitempty"`
	Connect *Histogram `json:"connect,omitempty"`
	// SettleResponse and SettleService hold the requests due in settle time.
	SettleResponse *Histogram `json:"settle_response"`
	SettleService  *Histogram `json:"settle_service"`

	Outcomes Outcomes `json:"outcomes"`
	// Failures breaks the counts of failures down by cause, the most frequent first;
	// nil if nothing failed, and in files of an older version.
	Failures []Failure `json:"failures,omitempty"`
	// Instants are single durations of phases with few events: one cold start,
	// one recovery.
	Instants []Seconds `json:"instants_seconds,omitempty"`
	// BytesSent and BytesReceived count heads and bodies.
	BytesSent     int64 `json:"sent_bytes"`
	BytesReceived int64 `json:"received_bytes"`
	// Usage has one element per role of the target's processes, and one for the
	// role "generator".
	Usage  []RoleUsage `json:"usage,omitempty"`
	Slices []SliceRow  `json:"slices,omitempty"`
	// Series has one row per second of the trial's wall time.
	Series []SecondRow `json:"series,omitempty"`
	// LoadHosts has one element per load host, if several machines carried out the
	// load. Their requests are all in the figures above.
	LoadHosts []LoadHost `json:"load_hosts,omitempty"`
	Checks    []Check    `json:"checks,omitempty"`
	Warnings  []Warning  `json:"warnings,omitempty"`
	// Void is why this result is invalid and not counted; empty if it is valid.
	Void string `json:"void,omitempty"`
}

// Outcomes counts how requests ended. Due = Shed + Sent, and Sent is the sum of all
// other counts except Stale, Unasked, Redirects, ServerClosed, Varied and Settled.
type Outcomes struct {
	// Due is how many requests fell due; in a closed loop, how many were sent.
	Due int64 `json:"due"`
	// Shed counts requests that were due but never sent, because the backlog was full
	// or the load was stopped.
	Shed int64 `json:"shed,omitempty"`
	Sent int64 `json:"sent"`
	// OK counts answers that match Expect.
	OK int64 `json:"ok"`
	// Status counts complete answers with an unexpected status.
	Status map[int]int64 `json:"status,omitempty"`
	// WrongModel counts complete answers that differ from Expect in X-Ancm-Model;
	// WrongAnswer counts those that differ in another field or in the body.
	WrongModel  int64 `json:"wrong_model,omitempty"`
	WrongAnswer int64 `json:"wrong_answer,omitempty"`
	Refused     int64 `json:"refused,omitempty"`
	Reset       int64 `json:"reset,omitempty"`
	Timeout     int64 `json:"timeout,omitempty"`
	Malformed   int64 `json:"malformed,omitempty"`
	// ClosedEarly counts answers that ended before their stated length.
	ClosedEarly int64 `json:"closed_early,omitempty"`
	// Failed counts every other failure of the transport.
	Failed int64 `json:"failed,omitempty"`
	// Unfinished counts requests in flight when the load ended.
	Unfinished int64 `json:"unfinished,omitempty"`
	// Stale counts retries, once per request, after a kept-alive connection was
	// found closed before any byte of an answer; the request is counted elsewhere.
	Stale int64 `json:"stale,omitempty"`
	// Unasked counts connections that were closed because bytes arrived on them that
	// belonged to no request. Answers that may be such bytes are counted as Malformed.
	Unasked int64 `json:"unasked,omitempty"`
	// Redirects counts the answers that redirect (status 301, 302, 303, 307 or 308),
	// expected or not. None is followed. They are counted under OK or Status as well.
	Redirects int64 `json:"redirects,omitempty"`
	// ServerClosed counts the connections that the server closed after an answer, or
	// while they were idle, although the request had not asked for it.
	ServerClosed int64 `json:"server_closed,omitempty"`
	// Varied counts the answers of OK whose body was not that of the first answer to
	// the same request.
	Varied int64 `json:"varied,omitempty"`
	// Settled counts those of Sent that were due in settle time.
	Settled int64 `json:"settled,omitempty"`
}

// LoadHost is what one of several load hosts did and saw in a trial.
type LoadHost struct {
	// Name is "load 1" and so on, in the order in which the hosts were given their parts.
	Name string `json:"name"`
	// Connections to each target.
	Connections int      `json:"connections"`
	Outcomes    Outcomes `json:"outcomes"`
	// P50 and P99 are of the response times; 0 if too few requests were answered.
	P50 Seconds `json:"response_p50_seconds,omitempty"`
	P99 Seconds `json:"response_p99_seconds,omitempty"`
	// LagP50 and LagP99 are of the generator's own lag; 0 in a closed loop.
	LagP50 Seconds `json:"lag_p50_seconds,omitempty"`
	LagP99 Seconds `json:"lag_p99_seconds,omitempty"`
	// CPU is the generator's CPU time in the target's slices; nil if it was not read.
	CPU *Seconds `json:"cpu_seconds,omitempty"`
	// Clocks are the estimates of the host's clock before and after the trials.
	Clocks []Clock `json:"clocks,omitempty"`
	Checks []Check `json:"checks,omitempty"`
	// Void is why this host's part, and so the whole trial, is invalid; empty if it is
	// valid.
	Void string `json:"void,omitempty"`
}

// Clock is an estimate of how far an agent's clock is from the coordinator's.
type Clock struct {
	// Offset is what to add to the coordinator's time of day to get the agent's.
	Offset Seconds `json:"offset_seconds"`
	// Uncertainty is half of the shortest round trip: the offset is right within it.
	Uncertainty Seconds `json:"uncertainty_seconds"`
}

// Failure is one way in which requests failed, with its cause and how often.
type Failure struct {
	// Kind is the name of the count in Outcomes: "refused", "malformed".
	Kind string `json:"kind"`
	// Cause is free of host names and paths: "connection refused".
	Cause string `json:"cause"`
	Count int64  `json:"count"`
}

// Errors returns the number of requests without an OK answer, including shed ones.
func (o Outcomes) Errors() int64 { return o.Due - o.OK }

// ErrorShare returns Errors as a share of Due, in [0,1]; 0 if no request was due.
func (o Outcomes) ErrorShare() float64 {
	if o.Due == 0 {
		return 0
	}
	return float64(o.Errors()) / float64(o.Due)
}

// SliceRow summarizes one slice. It has no histogram.
type SliceRow struct {
	// Index counts the trial's slices over all targets, Group those of one target.
	Index int `json:"index"`
	Group int `json:"group"`
	// Epoch is when the slice began, from the start of the trial.
	Epoch Seconds `json:"epoch_seconds"`
	// Length is the planned length. Drain is how long the last answers took after it.
	Length Seconds `json:"length_seconds"`
	Drain  Seconds `json:"drain_seconds"`
	// Late is how long a generator of several still waited for the slice before this one
	// when this one began. What fell due meanwhile was sent late.
	Late Seconds `json:"late_seconds,omitempty"`
	Sent int64   `json:"sent"`
	Done int64   `json:"done"`
	// CPU is the time that each role of this target used from just before the slice to
	// just after its drain, in the order of Result.Usage; empty if not read.
	CPU []Seconds `json:"cpu_seconds,omitempty"`
}

// SecondRow is one second of a trial.
type SecondRow struct {
	At   Seconds `json:"at_seconds"`
	Sent int64   `json:"sent"`
	Done int64   `json:"done"`
	// Errors counts the requests of this second that ended without an OK answer.
	Errors int64 `json:"errors,omitempty"`
	// Max is the longest response time of the requests done in this second.
	Max Seconds `json:"max_seconds"`
	// P50 and P99 are quantiles of the response times of the requests done in this second,
	// without those due in settle time, to 2 %; nil if fewer than MinBeyond lie beyond, and
	// in files of an older version.
	P50 *Seconds `json:"p50_seconds,omitempty"`
	P99 *Seconds `json:"p99_seconds,omitempty"`
	// P99Rows is of how many rows P99 is, where it is not of this one alone: a second with fewer
	// than 1000 requests is put together with as many before it as it takes.
	P99Rows int `json:"p99_rows,omitempty"`
	// GCPauses is how long the collectors of the target's Go processes stopped them in this
	// second, in sum; nil if that is not known.
	GCPauses *Seconds `json:"gc_pauses_seconds,omitempty"`
	// Steal is the share of processor time, in [0,1], that the hypervisor took around this
	// second; nil if that is not known.
	Steal *float64 `json:"steal_share,omitempty"`
}

// The reasons in Result.Void. They are short and name nothing of the host.
const (
	VoidErrors     = "too many errors"
	VoidNothingDue = "no request fell due: the load had stopped before"
	VoidWrongModel = "answers from the wrong model"
	VoidRate       = "rate not reached"
	VoidLate       = "generator late"
	VoidDied       = "a process died"
	VoidStopped    = "stopped"
)
