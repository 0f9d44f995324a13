package loadgen

import (
	"time"

	"ancmbench"
)

// Defaults of a Load's zero fields.
const (
	DefaultTimeout = 10 * time.Second
	DefaultBacklog = 1_000_000
	// DefaultSlice is in the range of 50 to 100 ms, in which alternating slices have
	// the least noise (docs/method.md has the table of designs). Package experiment
	// fits the slice to the measured times.
	DefaultSlice = 100 * time.Millisecond
)

// pieceMost and pieceRequests limit a segment of an open loop, so that only a few due
// times are computed at once, however long the load.
const (
	pieceMost     = 200 * time.Millisecond
	pieceLeast    = time.Millisecond
	pieceRequests = 2000
)

// Plan is the timetable of a Load. It says when each request is due, and at which target.
// All methods but Rest are pure, and all are safe for concurrent use.
//
// The time of a load is divided into slices: alternating ones for the dealing Slices,
// and a single one for Single and Duel. An engine drains after each slice. A slice of an
// open loop is divided into segments without a break between them, so that due times can
// be computed in small portions.
type Plan struct {
	load     ancmbench.Load
	stream   *stream       // nil for a closed loop
	choices  []choice      // by target
	k        int           // targets
	perGroup int           // slices per group: k, or 1 for Single and Duel
	slice    time.Duration // planned length of each slice before the last group
	groups   int
	piece    time.Duration // longest segment
	pieces   int           // segments in each slice before the last group
	last     int           // segments in each slice of the last group
	part     *ancmbench.Part
}

// NewPlan returns the timetable of a load. It fails if the load is not valid; the error
// joins all faults.
func NewPlan(load ancmbench.Load) (*Plan, error) {
	if err := faults(load); err != nil {
		return nil, err
	}
	if load.Timeout == 0 {
		load.Timeout = ancmbench.Seconds(DefaultTimeout)
	}
	if load.Backlog == 0 {
		load.Backlog = DefaultBacklog
	}
	p := &Plan{load: partOf(load), k: len(load.Targets), perGroup: 1, groups: 1, slice: load.Duration.D(), part: load.Part}
	if load.Dealing.Kind == ancmbench.Slices {
		if load.Dealing.Slice == 0 {
			p.load.Dealing.Slice = ancmbench.Seconds(DefaultSlice)
		}
		// The last slice takes the rest: half to one and a half of a slice.
		p.slice = min(p.load.Dealing.Slice.D(), load.Duration.D())
		p.groups = max(1, int((load.Duration.D()+p.slice/2)/p.slice))
		p.perGroup = p.k
	}
	times := 1
	if load.Dealing.Kind == ancmbench.Duel {
		times = p.k
	}
	p.piece, p.pieces, p.last = load.Duration.D(), 1, 1
	if load.Arrivals.Open() {
		p.stream = newStream(load.Arrivals, load.Duration.D(), times)
		mean := float64(p.stream.total) / load.Duration.Float()
		p.piece = pieceMost
		if mean > 0 {
			p.piece = min(pieceMost, max(pieceLeast, time.Duration(pieceRequests/mean*1e9)))
		}
		p.pieces = ceilDiv(p.slice, p.piece)
		p.last = ceilDiv(p.sliceLength(p.groups-1), p.piece)
	}
	for _, t := range load.Targets {
		p.choices = append(p.choices, choiceOf(t.Workload))
	}
	return p, nil
}

func ceilDiv(a, b time.Duration) int { return int((a + b - 1) / b) }

// Load returns the load with defaults filled in. Of a load with a Part, Connections,
// Requests and Backlog are this generator's.
func (p *Plan) Load() ancmbench.Load { return p.load }

// Open reports whether the load is an open loop.
func (p *Plan) Open() bool { return p.stream != nil }

// Slices returns the number of slices over all targets.
func (p *Plan) Slices() int { return p.groups * p.perGroup }

// Segments returns the number of segments over all slices.
func (p *Plan) Segments() int {
	return p.perGroup * ((p.groups-1)*p.pieces + p.last)
}

// Total returns how many requests fall due over all targets and, if there are several
// generators, over all of them; 0 for a closed loop.
func (p *Plan) Total() uint64 {
	switch {
	case p.stream == nil:
		return 0
	case p.load.Dealing.Kind == ancmbench.Duel:
		return p.stream.total / uint64(p.k) * uint64(p.k)
	default:
		return p.stream.total * uint64(p.k)
	}
}

func (p *Plan) sliceLength(group int) time.Duration {
	if group == p.groups-1 {
		return p.load.Duration.D() - time.Duration(group)*p.slice
	}
	return p.slice
}

// Segment is a stretch of the timetable in which one set of targets is loaded.
type Segment struct {
	Index int
	// Slice is the slice it belongs to, as in SliceRow.Index and Edge.Slice;
	// Group the number of that slice among its target's.
	Slice int
	Group int
	// Target is the index in Load.Targets, or -1 in a Duel, which loads all.
	Target int
	// Start is planned, from the start of the trial, with no time for drains.
	Start  time.Duration
	Length time.Duration
	// Virtual is when the segment starts in its target's virtual time.
	Virtual time.Duration
	// First marks the first segment of a slice. Its epoch is the later of Start and the
	// end of the previous drain plus the gap. The epoch of any other segment is that of
	// the previous segment plus its Length.
	First bool
	// Drain marks the last segment of a slice. After it come the drain, the edge and
	// the gap.
	Drain bool
	// Settle is the rest of the slice's settle time, from the segment's epoch. Requests
	// due (in a closed loop: sent) before it are recorded apart.
	Settle time.Duration
	// SliceLength is the planned length of the whole slice.
	SliceLength time.Duration
}

// Segment returns segment i; i must be in [0, Segments()).
func (p *Plan) Segment(i int) Segment {
	full := (p.groups - 1) * p.pieces * p.perGroup // segments before the last group
	group, pieces, rest := p.groups-1, p.last, i-full
	if i < full {
		pieces = p.pieces
		group = i / (pieces * p.perGroup)
		rest = i % (pieces * p.perGroup)
	}
	place, piece := rest/pieces, rest%pieces
	length := p.sliceLength(group)
	within := time.Duration(piece) * p.piece
	gap := p.load.Dealing.Gap.D()
	s := Segment{
		Index:       i,
		Slice:       group*p.perGroup + place,
		Group:       group,
		Target:      p.targetAt(group, place),
		Virtual:     time.Duration(group)*p.slice + within,
		Length:      min(p.piece, length-within),
		First:       piece == 0,
		Drain:       piece == pieces-1,
		Settle:      max(0, time.Duration(p.load.Dealing.Settle*float64(length))-within),
		SliceLength: length,
	}
	s.Start = time.Duration(group*p.perGroup)*(p.slice+gap) + time.Duration(place)*(length+gap) + within
	return s
}

// Due is one request and when it falls due.
type Due struct {
	// N is the request's number within the load, unique over all targets.
	N uint64
	// Offset is from the segment's epoch.
	Offset time.Duration
	Target int
	// Request is the index in the list that Prepare returns for the target.
	Request int
	// Group is the number of a group of requests that are compared with each other, one
	// per target: in a Duel a group of the stream, in Slices the requests with the same
	// number in each target's stream. A shard takes whole groups.
	Group uint64
	// Settling requests are recorded apart.
	Settling bool
}

// Dues returns the requests of this generator that are due in segment i of an open loop,
// ascending; none for a closed loop. It uses buf's memory and extends it if needed.
func (p *Plan) Dues(i int, buf []Due) []Due {
	buf = buf[:0]
	if p.stream == nil {
		return buf
	}
	s := p.Segment(i)
	duel := p.load.Dealing.Kind == ancmbench.Duel
	k := uint64(p.k)
	var o order
	drawn := ^uint64(0)
	p.stream.between(s.Virtual, s.Virtual+s.Length, func(n uint64, at time.Duration) {
		d := Due{N: n*k + uint64(max(0, s.Target)), Group: n, Target: s.Target, Offset: at - s.Virtual}
		if duel {
			d.N, d.Group = n, n/k
			if n >= p.stream.total/k*k {
				return // the last group would lack a target
			}
			if d.Group != drawn {
				drawn = d.Group
				o.shuffle(p.load.Dealing.Seed, drawn, p.k)
			}
			d.Target = int(o[n%k])
		}
		if !p.sends(d.Group) {
			return
		}
		d.Settling = d.Offset < s.Settle
		d.Request = p.Request(d.Target, d.Group)
		buf = append(buf, d)
	})
	return buf
}
