package loadgen

import (
	"cmp"
	"slices"
	"time"
)

// inFlight holds both sides of Little's law: the counts at independent instants, and the
// sum of service times.
type inFlight struct {
	samples int64
	sum     int64
	service time.Duration
}

func (f *inFlight) merge(o *inFlight) {
	f.sum += o.sum
	f.service += o.service
	// Shards look at the same instants, each at its own share of the requests.
	f.samples = max(f.samples, o.samples)
}

// InFlight counts the requests in flight at an instant in a slice or its drain, for
// Little's law. The instant must be independent of the requests: given by a timer, and
// not by a request or an answer. All shards of an engine must sample equally often, each
// its own requests.
func (r *Recorder) InFlight(n int) {
	r.inFlight.samples++
	r.inFlight.sum += int64(n)
}

// The sample keeps stretches of consecutive requests, spread evenly over the load,
// because gaps and autocorrelation are about neighbours. Due times decide which stretch
// a request belongs to, so that all shards agree.
const (
	stretches      = 32
	stretchExpects = 128
	stretchMost    = 2 * stretchExpects // 11 standard deviations above
)

type sampled struct {
	began    time.Duration // virtual: when it was due, and the generator's lag later
	sent     time.Duration // virtual
	service  time.Duration
	settling bool
}

type stretch struct {
	to   time.Duration // requests due before it, in virtual time
	kept []sampled
}

type sample struct {
	every   time.Duration // a stretch begins with each
	stretch [stretches]stretch
}

// prepare sets the stretches so that each expects stretchExpects requests. In a closed
// loop each keeps its first requests.
func (s *sample) prepare(p *Plan) {
	length := p.load.Duration.D()
	s.every = max(1, length/stretches)
	memory := make([]sampled, stretches*stretchMost)
	for i := range s.stretch {
		x := &s.stretch[i]
		x.kept = memory[i*stretchMost : i*stretchMost : (i+1)*stretchMost]
		from := time.Duration(i) * s.every
		x.to = from + s.every
		if p.stream != nil {
			expects := stretchExpects * p.thinned()
			if p.load.Dealing.Kind == "duel" {
				expects *= float64(p.k)
			}
			x.to = min(x.to, p.stream.law.instant(p.stream.law.count(from.Seconds())+expects))
		}
	}
}

func (s *sample) add(due, began, sent, service time.Duration, settling bool) {
	i := int(due / s.every)
	if due < 0 || i >= stretches {
		return
	}
	x := &s.stretch[i]
	if due < x.to && len(x.kept) < stretchMost {
		x.kept = append(x.kept, sampled{began, sent, service, settling})
	}
}

func (s *sample) merge(o *sample) {
	for i := range s.stretch {
		x := &s.stretch[i]
		x.kept = append(x.kept, o.stretch[i].kept...)
	}
}

// ordered calls yield with each stretch, in the order of sending.
func (s *sample) ordered(yield func([]sampled)) {
	for i := range s.stretch {
		kept := slices.Clone(s.stretch[i].kept)
		slices.SortStableFunc(kept, func(a, b sampled) int { return cmp.Compare(a.sent, b.sent) })
		if len(kept) > 0 {
			yield(kept)
		}
	}
}
