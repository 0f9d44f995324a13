package loadgen

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"ancmbench"
)

// The names of the checks that Recorder.Check makes.
const (
	RateCheck        = "rate_reached_per_second"
	checkLagP50      = "lag_p50_seconds"
	checkLagP99      = "lag_p99_seconds"
	checkLagMax      = "lag_max_seconds"
	checkCPU         = "generator_cpu_share"
	checkRunQueue    = "generator_run_queue_share"
	checkGC          = "generator_gc_pause_seconds"
	checkPoisson     = "arrivals_anderson_darling"
	checkSpacing     = "arrivals_spacing_rms_share"
	checkDrift       = "drift_log_ratio"
	checkCorrelation = "service_autocorrelation"
	checkEffective   = "effective_samples"
	checkLittle      = "littles_law_share"
	checkErrors      = "errors_share"
	checkWrongModel  = "wrong_model_requests"
	checkShed        = "shed_requests"
	checkRetransmits = "retransmits"
	checkOverflows   = "listen_overflows"
	checkOpened      = "connections_opened"
	checkClosed      = "server_closed_share"
	checkVaried      = "bodies_varied_share"
	checkWaited      = "wait_for_connection_share"
	checkLate        = "late_slices_share"
)

// TimeChecks lists the checks of response times, and of the arrivals that those depend
// on. They do not matter for a phase whose times are not reported.
var TimeChecks = []string{checkLagP50, checkLagP99, checkLagMax, checkRunQueue, checkPoisson, checkSpacing, checkDrift,
	checkWaited, checkCorrelation, checkEffective}

// The bounds, each with its reason.
const (
	// RateShare is the share of the user's rate that must be reached: it may be missed
	// by 1 %.
	RateShare = 0.99
	// rateSlack is how many requests may miss the end of their slice by lag alone.
	rateSlack = 3
	// LagShare is the limit of the median lag, as a share of the response p50. With
	// more lag, the generator is measured rather than the server.
	LagShare = 0.1
	// LagP99 and LagMax are far above the delay of the kernel's timers (0.1 ms), and
	// below the length of one pause of a virtual machine.
	LagP99 = 2 * time.Millisecond
	LagMax = 100 * time.Millisecond
	// BusyShare is the limit of the generator's use of its processors. Above it,
	// requests queue in the generator.
	BusyShare = 0.8
	// RunQueueShare is the limit of the time that the generator waits for a processor:
	// a tenth of the time shifts a p90. It holds for open loops. In a closed loop,
	// servers and generator use all cores and wait for each other (0.23 to 0.40 in
	// every peak on two cores, 0.07 at most at 1000/s).
	RunQueueShare = 0.1
	// GCShare is the limit of the time in pauses: a thousandth can shift a p99.9.
	GCShare = 0.001
	// AndersonBound is the 1 % point, with all parameters known.
	AndersonBound = 3.857
	// arrivalsBound is the 0.1 % point, beyond which a run has a warning. A run of a
	// minute makes two dozen such tests; at 1 % every fourth run would have a warning.
	arrivalsBound = 6.0
	// SpacingRMS is the limit for evenly spaced arrivals, as a share of the planned
	// gap; Poisson arrivals have 1.
	SpacingRMS = 0.25
	// DriftLog is the limit of the difference between the two halves. On a shared
	// machine, single seconds of one server differ by up to 24 % without a cause; halves
	// that differ more were not in the same state.
	DriftLog = 0.2
	// CorrelationBound leaves a third of the samples effective.
	CorrelationBound = 0.5
	// EffectiveLeast puts MinBeyond independent samples beyond a median.
	EffectiveLeast = 2 * ancmbench.MinBeyond
	// LittleShare is 4 standard deviations of littleLeast counted requests.
	LittleShare = 0.2
	littleLeast = 400
	// RetransmitShare is the limit of retransmits, as a share of the requests. The
	// kernel counts them for the whole machine.
	RetransmitShare = 0.001
	retransmitLeast = 10
	// WaitShare is the limit of the wait for a free connection, as a share of all
	// response time. Beyond it, the reported times are mostly this wait.
	WaitShare = 0.1
	// connectionsBusy is the mean share of the connections in use beyond which requests
	// queue for them; a few more connections would end that.
	connectionsBusy = 0.8
	// LateShare is the limit of the time for which the slice before was not yet drained:
	// a hundredth shifts a p99.
	LateShare = 0.01
	// OpenedShare is the limit of opened connections, as a share of the requests:
	// beyond it, handshakes are part of the p99.
	OpenedShare = 0.01
	// variedShare is the limit of the answers with another body than the first: one of
	// them shows that the answers are not the same work.
	variedShare = 0.0
)

// The limits of the tests of arrivals.
const (
	// gapsLeast is the number of gaps below which a test means nothing.
	gapsLeast = 100
	// gapResolution is left out at the start of each random gap. A thread needs some
	// microseconds per request and cannot send two requests closer together; that is
	// lag, which has its own checks.
	gapResolution = 50 * time.Microsecond
	// gapsMost limits the sample, because a larger one would detect the microseconds
	// that a thread needs per request.
	gapsMost = 1000
)

// closedTimes is the reason why the times of a closed loop are not checked: connections
// that wait for answers are correlated by construction.
const closedTimes = "a closed loop is reported by its throughput"

// checking collects checks and warnings of one Result.
type checking struct {
	res *ancmbench.Result
	g   Generator
}

// add records a check, and a warning if the check fails.
func (c *checking) add(check ancmbench.Check, code ancmbench.WarningCode) {
	c.file(check)
	if !check.OK() {
		c.warn(check.Value, check.Bound, code)
	}
}

func (c *checking) file(check ancmbench.Check) {
	if why := c.g.Unsupported[check.Name]; why != "" {
		check = ancmbench.Check{Name: check.Name, Unsupported: why}
	}
	c.res.Checks = append(c.res.Checks, check)
}

func (c *checking) warn(value, bound float64, code ancmbench.WarningCode) {
	c.res.Warnings = append(c.res.Warnings, ancmbench.Warning{Code: code, Phase: c.res.Phase, Target: c.res.Target,
		Value: value, Bound: bound})
}

func (c *checking) cannot(name, why string) {
	c.res.Checks = append(c.res.Checks, ancmbench.Check{Name: name, Unsupported: why})
}

// Check adds Checks and Warnings to res, this recorder's Result. They say whether the
// generator and the trial give reason to doubt it. All shards must have been merged.
func (r *Recorder) Check(res *ancmbench.Result, g Generator) {
	c := &checking{res: res, g: g}
	open := r.plan.Open()
	if open {
		r.checkRate(c)
		r.checkLag(c)
		r.checkWait(c)
		r.checkArrivals(c)
	}
	r.checkLate(c)
	r.checkGenerator(c, open)
	r.checkDrift(c)
	if open {
		r.checkCorrelation(c)
	} else {
		c.cannot(checkCorrelation, closedTimes)
		c.cannot(checkEffective, closedTimes)
	}
	r.checkLittle(c)
	c.outcomes(r.plan.load.MaxErrorShare)
	r.checkConnections(c)
	c.add(ancmbench.Check{Name: checkVaried, Value: float64(r.varied) / float64(max(1, r.counts[OK])), Bound: variedShare}, ancmbench.WarnBodiesVary)
}

// checkConnections warns of connections that were not kept alive; it says that the server
// closes them, if it does.
func (r *Recorder) checkConnections(c *checking) {
	opened := ancmbench.Check{Name: checkOpened, Value: float64(r.opened), Bound: r.mayOpen()}
	closed := ancmbench.Check{Name: checkClosed, Value: float64(r.closed) / float64(max(1, r.sent)), Bound: OpenedShare}
	c.file(closed)
	if closed.OK() {
		c.add(opened, ancmbench.WarnConnectionsDiffer)
		return
	}
	c.file(opened)
	c.warn(closed.Value, closed.Bound, ancmbench.WarnServerCloses)
}

// mayOpen returns how many connections may be opened during a load of kept-alive
// connections. If a request asks to close its connection, every request may open one.
func (r *Recorder) mayOpen() float64 {
	for _, q := range r.plan.load.Targets[r.target].Workload.Requests {
		if Closes(q) {
			return float64(r.sent)
		}
	}
	return OpenedShare * float64(r.sent)
}

// checkRate compares the number of requests sent in time with the number due.
func (r *Recorder) checkRate(c *checking) {
	length := 0.0
	for _, s := range r.slices {
		length += s.Length.Float()
	}
	if length == 0 {
		c.cannot(RateCheck, "no slice was begun")
		return
	}
	due := float64(r.sent + r.shed)
	check := ancmbench.Check{Name: RateCheck, Value: float64(r.inTime) / length, AtLeast: true,
		Bound: max(0, RateShare*due-rateSlack) / length}
	c.file(check)
	if !check.OK() {
		c.warn(check.Value, due/length, ancmbench.WarnRateNotReached)
	}
}

// checkLate checks how much of its slices a generator of several missed, because the slice
// of another target before it was not yet drained.
func (r *Recorder) checkLate(c *checking) {
	if !r.plan.Joint() {
		return
	}
	var late, length float64
	for _, s := range r.slices {
		late += s.Late.Float()
		length += s.Length.Float()
	}
	if length == 0 {
		c.cannot(checkLate, "no slice was begun")
		return
	}
	c.add(ancmbench.Check{Name: checkLate, Value: late / length, Bound: LateShare}, ancmbench.WarnLateSlices)
}

// checkWait checks how much response time is waiting for a free connection, which the
// server causes and not the generator, and whether the rate needs more connections.
func (r *Recorder) checkWait(c *checking) {
	sum := func(h *ancmbench.Histogram) float64 { return h.Mean().Seconds() * float64(h.Count()) }
	if c.res.Response.Count() == 0 {
		c.cannot(checkWaited, "too few samples")
		return
	}
	check := ancmbench.Check{Name: checkWaited, Value: sum(c.res.Wait) / max(1e-9, sum(c.res.Response)), Bound: WaitShare}
	c.file(check)
	if check.OK() {
		return
	}
	length := 0.0
	for _, s := range r.slices {
		length += s.Length.Float()
	}
	if length > 0 { // Little's law for connections
		needed := float64(r.sent+r.shed) / length * r.inFlight.service.Seconds() / float64(max(1, r.sent))
		if there := float64(r.plan.load.Connections); needed >= connectionsBusy*there {
			c.warn(needed, there, ancmbench.WarnFewConnections)
		}
	}
	middle, _ := c.res.Wait.Quantile(0.5)
	c.res.Warnings = append(c.res.Warnings, ancmbench.Warning{Code: ancmbench.WarnWaited, Phase: c.res.Phase, Target: c.res.Target,
		Value: check.Value, Bound: check.Bound,
		Detail: fmt.Sprintf("%d of %d requests waited, %s at their median, %s at most", c.res.Wait.Count(), c.res.Response.Count(),
			threeDigits(middle), threeDigits(c.res.Wait.Max()))})
}

// threeDigits writes a duration for people, with its unit after a space: "1.49 s".
func threeDigits(d time.Duration) string {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	text := d.Round(unit).String()
	at := strings.IndexFunc(text, unicode.IsLetter)
	if d >= time.Minute || at < 0 {
		return text // "1m20s"
	}
	return text[:at] + " " + text[at:]
}

// checkLag records three values, and at most one warning, for the worst of them.
func (r *Recorder) checkLag(c *checking) {
	lag, response := c.res.Lag, c.res.Response
	p50, ok := lag.Printable(0.5)
	if !ok {
		for _, name := range []string{checkLagP50, checkLagP99, checkLagMax} {
			c.cannot(name, "too few samples")
		}
		return
	}
	median, _ := response.Quantile(0.5)
	of := func(name string, value, bound time.Duration) ancmbench.Check {
		return ancmbench.Check{Name: name, Value: value.Seconds(), Bound: bound.Seconds()}
	}
	middle := of(checkLagP50, p50, time.Duration(LagShare*float64(median)))
	most := of(checkLagMax, lag.Max(), LagMax)
	c.file(middle)
	tail, haveTail := lag.Printable(0.99)
	late := of(checkLagP99, tail, LagP99)
	if haveTail {
		c.file(late)
	} else {
		c.cannot(checkLagP99, "too few samples")
	}
	c.file(most)
	switch {
	case !middle.OK():
		c.warn(middle.Value, middle.Bound, ancmbench.WarnLag)
	case haveTail && !late.OK():
		c.warn(late.Value, late.Bound, ancmbench.WarnLagP99)
	case !most.OK():
		c.warn(most.Value, most.Bound, ancmbench.WarnLagMax)
	}
	if !middle.OK() && c.res.Engine == "vegeta" {
		c.warn(middle.Value, middle.Bound, ancmbench.WarnServiceHeadline)
	}
}

func (r *Recorder) checkGenerator(c *checking, open bool) {
	elapsed := c.g.Elapsed.Seconds()
	if elapsed <= 0 {
		return
	}
	busy := ancmbench.WarnThroughputBoundGen
	if open {
		busy = ancmbench.WarnGeneratorBusy
	}
	work := max(0, c.g.CPU-c.g.Spun).Seconds()
	c.add(ancmbench.Check{Name: checkCPU, Value: work / elapsed, Bound: BusyShare * float64(max(1, c.g.Threads))}, busy)
	queue := ancmbench.Check{Name: checkRunQueue, Value: c.g.RunQueue.Seconds() / elapsed, Bound: RunQueueShare}
	if !open {
		queue.Bound = float64(max(1, c.g.Threads)) // all of the time
	}
	c.add(queue, ancmbench.WarnRunQueue)
	c.add(ancmbench.Check{Name: checkGC, Value: c.g.GCPause.Seconds(), Bound: GCShare * elapsed}, ancmbench.WarnGC)
	retransmits := max(retransmitLeast, RetransmitShare*float64(r.sent))
	c.add(ancmbench.Check{Name: checkRetransmits, Value: float64(c.g.Retransmits), Bound: retransmits}, ancmbench.WarnRetransmits)
	c.add(ancmbench.Check{Name: checkOverflows, Value: float64(c.g.Overflows)}, ancmbench.WarnListenOverflow)
}

// checkArrivals compares the gaps between sent requests with the law. In operational
// time, every random law has exponential gaps of mean 1, and every even one has gaps
// of 1. In a Duel it cannot check, because each target gets only a random part of the
// stream.
func (r *Recorder) checkArrivals(c *checking) {
	s := r.plan.stream
	name := checkSpacing
	if s.random {
		name = checkPoisson
	}
	switch {
	case s.law.kind == ancmbench.Replay:
		c.cannot(checkSpacing, "replayed instants follow no law")
		return
	case r.plan.load.Dealing.Kind == ancmbench.Duel:
		c.cannot(name, "a target of a duel gets a part of the stream")
		return
	case !s.random && r.plan.thinned() > 1:
		c.cannot(name, "one generator of several sends a random part of the stream")
		return
	}
	var gaps []float64
	r.sample.ordered(func(kept []sampled) {
		// Order by the time without waiting: waiting for the server is not the generator's fault.
		slices.SortStableFunc(kept, func(a, b sampled) int { return cmp.Compare(a.began, b.began) })
		for i := 1; i < len(kept); i++ {
			from, to := kept[i-1].began.Seconds(), kept[i].began.Seconds()
			if s.random {
				// The rest of an exponential gap is exponential again.
				from += gapResolution.Seconds()
			}
			if to > from {
				gaps = append(gaps, (s.law.count(to)-s.law.count(from))/r.plan.thinned())
			}
		}
	})
	if len(gaps) < gapsLeast {
		c.cannot(name, "too few samples")
		return
	}
	gaps = thin(gaps, gapsMost)
	if s.random {
		c.add(ancmbench.Check{Name: name, Value: andersonExponential(gaps), Bound: arrivalsBound}, ancmbench.WarnArrivals)
		return
	}
	sum := 0.0
	for _, g := range gaps {
		sum += (g - 1) * (g - 1)
	}
	c.add(ancmbench.Check{Name: name, Value: math.Sqrt(sum / float64(len(gaps))), Bound: SpacingRMS}, ancmbench.WarnSpacing)
}

// thin returns at most n of xs, evenly spaced. It overwrites xs.
func thin(xs []float64, n int) []float64 {
	if len(xs) <= n {
		return xs
	}
	for i := range n {
		xs[i] = xs[i*len(xs)/n]
	}
	return xs[:n]
}

func (r *Recorder) checkDrift(c *checking) {
	first, ok1 := r.response[0].Printable(0.5)
	second, ok2 := r.response[1].Printable(0.5)
	if !ok1 || !ok2 || first <= 0 || second <= 0 {
		c.cannot(checkDrift, "too few samples")
		return
	}
	ratio := math.Log(second.Seconds() / first.Seconds())
	check := ancmbench.Check{Name: checkDrift, Value: math.Abs(ratio), Bound: DriftLog}
	c.file(check)
	if !check.OK() {
		c.warn(ratio, check.Bound, ancmbench.WarnDrift)
	}
}

// checkCorrelation checks the logarithms of service times, so that a few outliers do not
// decide.
func (r *Recorder) checkCorrelation(c *checking) {
	var logs [][]float64
	n := 0
	r.sample.ordered(func(kept []sampled) {
		var part []float64
		for _, k := range kept {
			if !k.settling {
				part = append(part, math.Log(max(1, float64(k.service))))
			}
		}
		n += len(part)
		logs = append(logs, part)
	})
	if n < gapsLeast {
		c.cannot(checkCorrelation, "too few samples")
		c.cannot(checkEffective, "too few samples")
		return
	}
	rho := autocorrelation(logs)
	c.add(ancmbench.Check{Name: checkCorrelation, Value: rho, Bound: CorrelationBound}, ancmbench.WarnCorrelated)
	// First-order autoregression: each sample is worth (1-rho)/(1+rho).
	bounded := min(max(rho, 0), 0.999)
	effective := float64(c.res.Service.Count()) * (1 - bounded) / (1 + bounded)
	c.add(ancmbench.Check{Name: checkEffective, Value: effective, Bound: EffectiveLeast, AtLeast: true}, ancmbench.WarnFewIndependent)
}

// checkLittle compares the sampled mean number of requests in flight with arrivals times
// service time (Little 1961). The two agree if no request was lost or counted twice. A
// request is also in flight while its connection is opened.
func (r *Recorder) checkLittle(c *checking) {
	f := r.inFlight
	busy := c.res.Busy.Float()
	if busy <= 0 || f.sum < littleLeast {
		c.cannot(checkLittle, "too few requests were seen in flight")
		return
	}
	counted := float64(f.sum) / float64(f.samples)
	computed := f.service.Seconds() / busy
	c.add(ancmbench.Check{Name: checkLittle, Value: math.Abs(counted-computed) / computed, Bound: LittleShare}, ancmbench.WarnLittle)
}

func (c *checking) outcomes(bound float64) {
	o := c.res.Outcomes
	failed := ancmbench.Check{Name: checkErrors, Value: o.ErrorShare(), Bound: bound}
	c.file(failed)
	if !failed.OK() {
		c.res.Warnings = append(c.res.Warnings, ancmbench.Warning{Code: ancmbench.WarnErrors, Phase: c.res.Phase, Target: c.res.Target,
			Value: failed.Value, Bound: failed.Bound, Detail: mostCauses(c.res.Failures)})
	}
	c.add(ancmbench.Check{Name: checkWrongModel, Value: float64(o.WrongModel)}, ancmbench.WarnWrongModel)
	c.add(ancmbench.Check{Name: checkShed, Value: float64(o.Shed)}, ancmbench.WarnShed)
}

// maxCauses is how many causes of failures a warning names.
const maxCauses = 3

// mostCauses lists the most frequent causes: "connection refused (142), status 404 (3)".
func mostCauses(all []ancmbench.Failure) string {
	var words []string
	for i, f := range all {
		if i == maxCauses {
			words = append(words, fmt.Sprintf("and %d more", len(all)-i))
			break
		}
		words = append(words, fmt.Sprintf("%s (%d)", f.Cause, f.Count))
	}
	return strings.Join(words, ", ")
}
