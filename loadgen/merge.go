package loadgen

import (
	"maps"
	"slices"

	"ancmbench"
)

// Merge adds the records of another shard's recorder, of the same plan and target.
func (r *Recorder) Merge(o *Recorder) {
	from := o.histograms()
	for i, h := range r.histograms() {
		h.Merge(from[i])
	}
	for i, n := range o.counts {
		r.counts[i] += n
	}
	for code, n := range o.status {
		r.status[code] += n
	}
	r.causes.merge(o.causes)
	r.unasked += o.unasked
	r.sent += o.sent
	r.shed += o.shed
	r.stale += o.stale
	r.redirect += o.redirect
	r.closed += o.closed
	r.varied += o.varied
	r.settled += o.settled
	r.opened += o.opened
	r.inTime += o.inTime
	r.bytes[0] += o.bytes[0]
	r.bytes[1] += o.bytes[1]
	r.inFlight.merge(&o.inFlight)
	r.sample.merge(&o.sample)
	r.bySecond.merge(&o.bySecond)
	for _, row := range o.slices {
		r.mergeSlice(row)
	}
	for i, row := range o.series {
		mine := r.second(row.At.D())
		mine.Sent += row.Sent
		mine.Done += row.Done
		mine.Errors += row.Errors
		mine.Max = max(mine.Max, o.series[i].Max)
	}
}

// mergeSlice adds another shard's row of the same slice. All shards begin a slice at the
// same epoch; the drain ends with the last shard.
func (r *Recorder) mergeSlice(row ancmbench.SliceRow) {
	i, found := slices.BinarySearchFunc(r.slices, row.Index, func(s ancmbench.SliceRow, index int) int { return s.Index - index })
	if !found {
		r.slices = slices.Insert(r.slices, i, row)
		r.current = len(r.slices) - 1
		return
	}
	mine := &r.slices[i]
	mine.Sent += row.Sent
	mine.Done += row.Done
	mine.Epoch = min(mine.Epoch, row.Epoch)
	mine.Length = max(mine.Length, row.Length)
	mine.Drain = max(mine.Drain, row.Drain)
	mine.Late = max(mine.Late, row.Late)
}

// Outcomes returns the counts of the requests that have ended.
func (r *Recorder) Outcomes() ancmbench.Outcomes {
	out := ancmbench.Outcomes{
		Due: r.sent + r.shed, Shed: r.shed, Sent: r.sent,
		OK: r.counts[OK], WrongModel: r.counts[WrongModel], WrongAnswer: r.counts[WrongAnswer],
		Refused: r.counts[Refused], Reset: r.counts[Reset], Timeout: r.counts[Timeout],
		Malformed: r.counts[Malformed], ClosedEarly: r.counts[ClosedEarly], Failed: r.counts[Failed],
		Unfinished: r.counts[Unfinished], Stale: r.stale, Settled: r.settled, Unasked: r.unasked,
		Redirects: r.redirect, ServerClosed: r.closed, Varied: r.varied,
	}
	if len(r.status) > 0 {
		out.Status = maps.Clone(r.status)
	}
	return out
}

// Result returns what was recorded, with copies of the histograms. The engine adds its
// name and the Checks; the engine's caller adds trial, launch, phase and usage.
func (r *Recorder) Result() ancmbench.Result {
	t := r.plan.load.Targets[r.target]
	res := ancmbench.Result{
		Workload: t.Workload.Name, Target: t.Name,
		Arrivals: r.plan.load.Arrivals, Dealing: r.plan.load.Dealing, Connections: r.plan.load.Connections,
		Response: &ancmbench.Histogram{}, Service: &ancmbench.Histogram{}, Lag: &ancmbench.Histogram{},
		FirstByte: &ancmbench.Histogram{}, SettleResponse: &ancmbench.Histogram{}, SettleService: &ancmbench.Histogram{},
		Outcomes: r.Outcomes(), Failures: r.causes.list(), BytesSent: r.bytes[0], BytesReceived: r.bytes[1],
		Slices: slices.Clone(r.slices), Series: slices.Clone(r.series),
	}
	fill := func(into, from *ancmbench.Histogram) {
		if from.Count() > 0 { // an empty one takes no memory
			into.Merge(from)
		}
	}
	for into, from := range map[**ancmbench.Histogram]*ancmbench.Histogram{&res.Wait: &r.wait, &res.Connect: &r.connect} {
		if from.Count() > 0 {
			*into = &ancmbench.Histogram{}
			fill(*into, from)
		}
	}
	fill(res.Response, &r.response[0])
	fill(res.Response, &r.response[1])
	fill(res.Service, &r.service)
	fill(res.Lag, &r.lag)
	fill(res.FirstByte, &r.firstByte)
	fill(res.SettleResponse, &r.settleResponse)
	fill(res.SettleService, &r.settleService)
	r.bySecond.fill(res.Series)
	for _, s := range r.slices {
		res.Busy += s.Length + s.Drain
	}
	return res
}
