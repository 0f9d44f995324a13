package ancmbench

import (
	"encoding/binary"
	"iter"
	"math"
	"slices"
	"time"
)

// compact is a histogram that is only read: its occupied buckets, about a
// thousandth of the memory of one that counts. A run keeps thousands of them.
type compact struct {
	// bars holds two uvarints per occupied bucket, ascending: how many buckets it
	// lies beyond the one before it, and its count. Two or three bytes for most.
	bars     []byte
	total    int64
	min, max time.Duration
	mean     time.Duration
}

// bar is one occupied bucket.
type bar struct {
	from, to time.Duration
	count    int64
}

// The places in the counts array of the one geometry: 2048 buckets of 1 ns, and from
// there on 1024 to each doubling, each twice as wide as in the one before.
const (
	halfBits = 10 // log2 of 1024, half the power of two above 2 x 10^HistogramDigits
	topBit   = 41 // the highest bit of HistogramMax
	places   = (topBit - halfBits + 2) << halfBits
	// placeOfMin and placeOfMax are those of HistogramMin and HistogramMax.
	placeOfMin = int(HistogramMin)
	placeOfMax = (topBit-halfBits)<<halfBits + int(HistogramMax>>(topBit-halfBits))
)

// barAt has the values of a bucket by its place in the counts array.
func barAt(place int, count int64) bar {
	doubling, sub := max(place>>halfBits-1, 0), place
	if place >= 1<<halfBits {
		sub = place&(1<<halfBits-1) + 1<<halfBits
	}
	from := time.Duration(sub) << doubling
	return bar{from, from + 1<<doubling - 1, count}
}

// packer makes a compact histogram out of counts in ascending order of place.
type packer struct {
	bars  []byte
	last  int   // the place last added
	from  int   // where its count begins in bars
	count int64 // which is this
	total int64
}

// add counts at a place; what lies outside the range counts at its edge.
func (p *packer) add(place int, count int64) {
	place = min(max(place, placeOfMin), placeOfMax)
	p.total += count
	if place == p.last {
		p.bars, p.count = p.bars[:p.from], p.count+count
	} else {
		p.bars, p.count = binary.AppendUvarint(p.bars, uint64(place-p.last)), count
		p.last, p.from = place, len(p.bars)
	}
	p.bars = binary.AppendUvarint(p.bars, uint64(p.count))
}

func (p *packer) reset() { *p = packer{bars: p.bars[:0]} }

// pack keeps a copy of what was added; nil if that is nothing.
func (p *packer) pack() *compact {
	if p.total == 0 {
		return nil
	}
	c := &compact{bars: slices.Clone(p.bars), total: p.total}
	var mean float64
	for b := range c.each {
		if c.max == 0 {
			c.min = b.from
		}
		c.max = b.to
		// The library's sum, in its order: the middle of each bucket by its share.
		mean += float64(b.count) * float64(b.from+(b.to-b.from+1)>>1) / float64(c.total)
	}
	c.mean = time.Duration(mean)
	return c
}

// each gives the occupied buckets in ascending order.
func (c *compact) each(yield func(bar) bool) {
	place := 0
	for rest := c.bars; len(rest) > 0; {
		gap, n := binary.Uvarint(rest)
		count, m := binary.Uvarint(rest[n:])
		rest, place = rest[n+m:], place+int(gap)
		if !yield(barAt(place, int64(count))) {
			return
		}
	}
}

// Compact gives the memory for counting back. The histogram reads as before, and
// counts again when asked to, at the cost of unfolding it.
func (h *Histogram) Compact() {
	if h == nil || h.h == nil {
		return
	}
	var p packer
	for place, count := range h.h.Export().Counts {
		if count > 0 {
			p.add(place, count)
		}
	}
	if h.h, h.c = nil, p.pack(); h.c == nil {
		h.written = nil
	}
}

// bars gives the occupied buckets in ascending order.
func (h *Histogram) bars() iter.Seq[bar] {
	return func(yield func(bar) bool) {
		switch {
		case h == nil:
		case h.c != nil:
			h.c.each(yield)
		case h.h != nil:
			for place, count := range h.h.Export().Counts {
				if count > 0 && !yield(barAt(place, count)) {
					return
				}
			}
		}
	}
}

// unfold makes it a histogram that counts.
func (h *Histogram) unfold() {
	c := h.c
	h.c = nil
	h.merge(c)
}

// merge adds the buckets of a compact histogram.
func (h *Histogram) merge(c *compact) {
	for b := range c.each {
		h.RecordN(min(b.to, HistogramMax), b.count)
	}
}

// quantile is the library's rule: the upper end of the bucket that holds the
// sample of rank q x total, rounded; for q = 0 the lower end of the first.
func (c *compact) quantile(q float64) time.Duration {
	if q == 0 {
		return c.min
	}
	rank := max(1, min(c.total, int64(math.Floor(q*float64(c.total)+0.5))))
	for b := range c.each {
		if rank -= b.count; rank <= 0 {
			return b.to
		}
	}
	return c.max
}

// Compact gives back the memory of all histograms of a Result that nothing more
// will be recorded in.
func (r *Result) Compact() {
	for _, h := range []*Histogram{r.Response, r.Service, r.Lag, r.FirstByte, r.SettleResponse, r.SettleService, r.Wait, r.Connect} {
		h.Compact()
	}
}
