package loadgen

import (
	"time"

	"ancmbench"
)

// Record is one request that was sent. Instants are from the start of the
// trial, by the monotonic clock.
type Record struct {
	// Due is the slice's epoch plus the offset; in a closed loop, when a connection
	// took the request: Sent minus Connect.
	Due time.Duration
	// Sent is when the first byte was passed to the kernel, or when that failed.
	Sent time.Duration
	// Wait is how long the request waited after Due because every connection was in
	// use. Connect is how long its connection then took to open. The rest of the time
	// between Due and Sent is the generator's lag.
	Wait    time.Duration
	Connect time.Duration
	// FirstByte is 0 if there was none.
	FirstByte time.Duration
	// Done is when the last byte was parsed, or when the request was abandoned.
	Done    time.Duration
	Outcome Outcome
	// Cause says why the request failed, without host names and paths; empty means the
	// general text for the outcome.
	Cause string
	// Status is that of a complete answer.
	Status   int
	Settling bool
	// Stale marks a request that was sent again because its kept-alive connection had
	// been closed before any byte of an answer. Due and Sent are those of the first
	// time.
	Stale bool
	// Varied marks a right answer with another body than the first one.
	Varied        bool
	SentBytes     int
	ReceivedBytes int
}

// Recorder turns the Records of one target into an ancmbench.Result. An engine has one
// per target and shard, and merges them at the end. A Recorder is not safe for
// concurrent use. Add allocates nothing, except at most once per second for the series.
type Recorder struct {
	plan   *Plan
	target int

	// Response is kept by halves of the target's virtual time.
	response  [2]ancmbench.Histogram
	service   ancmbench.Histogram
	lag       ancmbench.Histogram // open loop only
	firstByte ancmbench.Histogram
	wait      ancmbench.Histogram // of those that waited
	connect   ancmbench.Histogram // of those that opened a connection
	// Requests due in settle time.
	settleResponse ancmbench.Histogram
	settleService  ancmbench.Histogram

	counts   [outcomes]int64
	status   map[int]int64
	causes   causes
	unasked  int64
	sent     int64
	shed     int64
	stale    int64
	redirect int64
	closed   int64 // connections that the server closed
	varied   int64
	opened   int64 // connections, beyond those of the start
	settled  int64
	inTime   int64    // sent before the planned end of their slice
	bytes    [2]int64 // sent, received
	slices   []ancmbench.SliceRow
	series   []ancmbench.SecondRow
	bySecond bySecond      // response times, for the quantiles of series
	current  int           // index in slices of the current one, or of the last
	open     bool          // a slice has begun and not ended
	toVirt   time.Duration // trial time in the current slice + toVirt = virtual time
	half     time.Duration // half of the virtual time
	inFlight inFlight
	sample   sample
}

// NewRecorder returns a recorder for the plan's target with that index.
func NewRecorder(p *Plan, target int) *Recorder {
	r := &Recorder{plan: p, target: target, status: map[int]int64{}, causes: causes{}, current: -1,
		half: p.load.Duration.D() / 2}
	r.slices = make([]ancmbench.SliceRow, 0, p.groups)
	whole := time.Duration(p.Slices())*(p.slice+p.Gap()) + p.Timeout()
	seconds := int(whole/time.Second) + 2
	r.series = make([]ancmbench.SecondRow, 0, min(seconds, 1<<16))
	r.bySecond.prepare(seconds)
	for _, h := range r.histograms() {
		h.Record(time.Microsecond) // allocates the histogram's memory now
		h.Reset()
	}
	r.sample.prepare(p)
	return r
}

func (r *Recorder) histograms() []*ancmbench.Histogram {
	return []*ancmbench.Histogram{&r.response[0], &r.response[1], &r.service, &r.lag, &r.firstByte,
		&r.wait, &r.connect, &r.settleResponse, &r.settleService}
}

// SliceBegin begins the slice of s at its epoch. In a Duel the engine calls it for every
// target's recorder.
func (r *Recorder) SliceBegin(s Segment, epoch time.Duration) {
	r.slices = append(r.slices, ancmbench.SliceRow{Index: s.Slice, Group: s.Group,
		Epoch: ancmbench.Seconds(epoch), Length: ancmbench.Seconds(s.SliceLength)})
	r.current = len(r.slices) - 1
	r.open = true
	r.toVirt = s.Virtual - epoch
}

// SliceLate records how late this generator came to the slice that has begun; a negative
// value means in time. Only a generator of several can be late: any other begins a slice
// when it is there.
func (r *Recorder) SliceLate(by time.Duration) {
	if r.plan.Joint() {
		row := &r.slices[r.current]
		row.Late = ancmbench.Seconds(min(max(0, by), row.Length.D()))
	}
}

// SliceEnd ends the slice, whose drain ended at the given time. A slice that was stopped
// early gets its actual length.
func (r *Recorder) SliceEnd(at time.Duration) {
	if !r.open {
		return
	}
	r.open = false
	row := &r.slices[r.current]
	if over := at - row.Epoch.D() - row.Length.D(); over >= 0 {
		row.Drain = ancmbench.Seconds(over)
	} else {
		row.Length, row.Drain = ancmbench.Seconds(max(0, at-row.Epoch.D())), 0
	}
}

// Shed counts requests that were due but never sent.
func (r *Recorder) Shed(n int64) { r.shed += n }

// Opened counts connections that were opened during the load, in addition to those from
// its start.
func (r *Recorder) Opened(n int64) { r.opened += n }

// ServerClosed counts connections that the server closed, after an answer or while they
// were idle.
func (r *Recorder) ServerClosed(n int64) { r.closed += n }

// Seen returns how many requests were sent and have ended, and how many of these failed.
func (r *Recorder) Seen() (sent, failed int64) { return r.sent, r.sent - r.counts[OK] }

// Add counts one request, after it has ended.
func (r *Recorder) Add(rec Record) {
	response, service := rec.Done-rec.Due, rec.Done-rec.Sent
	r.sent++
	if rec.Outcome >= outcomes {
		rec.Outcome = Failed
	}
	r.counts[rec.Outcome]++
	if rec.Outcome != OK {
		r.failed(&rec)
	}
	if rec.Stale {
		r.stale++
	}
	if rec.Outcome.whole() && Redirects(rec.Status) {
		r.redirect++
	}
	if rec.Varied {
		r.varied++
	}
	r.bytes[0] += int64(rec.SentBytes)
	r.bytes[1] += int64(rec.ReceivedBytes)
	r.inFlight.service += service + rec.Connect
	lag := max(0, rec.Sent-rec.Due-rec.Wait-rec.Connect)

	virtual := rec.Due + r.toVirt
	if rec.Settling {
		r.settled++
		r.settleResponse.Record(response)
		r.settleService.Record(service)
	} else {
		half := 0
		if virtual >= r.half {
			half = 1
		}
		r.response[half].Record(response)
		r.bySecond.add(rec.Done, response)
		r.service.Record(service)
		if r.plan.Open() {
			r.lag.Record(lag)
		}
		if rec.Wait > 0 {
			r.wait.Record(rec.Wait)
		}
		if rec.Connect > 0 {
			r.connect.Record(rec.Connect)
		}
		if rec.FirstByte > 0 {
			r.firstByte.Record(rec.FirstByte - rec.Sent)
		}
	}
	r.sample.add(virtual, virtual+lag, rec.Sent+r.toVirt, service, rec.Settling)
	r.addRows(&rec, response)
}

func (r *Recorder) addRows(rec *Record, response time.Duration) {
	if r.current >= 0 {
		row := &r.slices[r.current]
		row.Sent++
		if rec.Sent < row.Epoch.D()+row.Length.D() {
			r.inTime++
		}
		if rec.Outcome.whole() {
			row.Done++
		}
	}
	r.second(rec.Sent).Sent++
	s := r.second(rec.Done)
	if rec.Outcome.whole() {
		s.Done++
	}
	if rec.Outcome != OK {
		s.Errors++
	}
	s.Max = max(s.Max, ancmbench.Seconds(response))
}

// mostSeconds limits the series to a week.
const mostSeconds = 7 * 24 * 3600

// second returns the row of the second that contains at.
func (r *Recorder) second(at time.Duration) *ancmbench.SecondRow {
	i := min(max(0, int(at/time.Second)), mostSeconds)
	for len(r.series) <= i {
		r.series = append(r.series, ancmbench.SecondRow{At: ancmbench.Seconds(len(r.series)) * ancmbench.Seconds(time.Second)})
	}
	return &r.series[i]
}
