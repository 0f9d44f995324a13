package ancmbench

import (
	"encoding/binary"
	"iter"
	"math"
	"slices"
	"time"
)

// compact is a read-only histogram. It keeps only the occupied buckets and takes about
// a thousandth of the memory of one that counts. A run keeps thousands of them.
type compact struct {
	// bars holds two uvarints per occupied bucket, in ascending order: its distance
	// from the previous occupied bucket, and its count. Most take two or three bytes.
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

// The layout of the counts array: 2048 buckets of 1 ns, and then 1024 buckets for each
// doubling of the value, twice as wide each time. A bucket's index is its place.
const (
	halfBits = 10 // log2 of 1024, half the power of two above 2 x 10^HistogramDigits
	topBit   = 41 // the highest bit of HistogramMax
	places   = (topBit - halfBits + 2) << halfBits
	// placeOfMin and placeOfMax are the places of HistogramMin and HistogramMax.
	placeOfMin = int(HistogramMin)
	placeOfMax = (topBit-halfBits)<<halfBits + int(HistogramMax>>(topBit-halfBits))
)

// barAt returns the bucket at a place in the counts array, with its range of values.
func barAt(place int, count int64) bar {
	doubling, sub := max(place>>halfBits-1, 0), place
	if place >= 1<<halfBits {
		sub = place&(1<<halfBits-1) + 1<<halfBits
	}
	from := time.Duration(sub) << doubling
	return bar{from, from + 1<<doubling - 1, count}
}

// packer builds a compact histogram from counts in ascending order of place.
type packer struct {
	bars  []byte
	last  int   // the place that was added last
	from  int   // the offset of its count in bars
	count int64 // its count
	total int64
}

// add adds a count at a place. A place outside the range counts at the nearest edge.
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

// pack returns a compact histogram of the counts added so far, or nil if there are none.
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
		// As the library sums, in the same order: each bucket's middle by its share.
		mean += float64(b.count) * float64(b.from+(b.to-b.from+1)>>1) / float64(c.total)
	}
	c.mean = time.Duration(mean)
	return c
}

// each calls yield with each occupied bucket in ascending order.
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

// Compact frees the memory that counting needs. The histogram reads as before. It can
// still count, but the next Record has to unfold it first.
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

// bars returns the occupied buckets in ascending order.
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

// unfold turns a compact histogram into one that counts.
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

// quantile follows the library's rule. It returns the upper end of the bucket with the
// sample of rank q x total, rounded; for q = 0, the lower end of the first bucket.
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

// Compact compacts all histograms of a Result. Call it when nothing more will be
// recorded in them.
func (r *Result) Compact() {
	for _, h := range []*Histogram{r.Response, r.Service, r.Lag, r.FirstByte, r.SettleResponse, r.SettleService, r.Wait, r.Connect} {
		h.Compact()
	}
}
