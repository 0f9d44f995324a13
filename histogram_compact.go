package ancmbench

import (
	"math"
	"slices"
	"time"
)

// compact is a histogram that is only read: its occupied buckets, about a
// hundredth of the memory of one that counts. A run keeps hundreds of them.
type compact struct {
	bars     []bar
	total    int64
	min, max time.Duration
	mean     time.Duration
}

// bar is one occupied bucket.
type bar struct {
	from, to time.Duration
	count    int64
}

// Compact gives the memory for counting back. The histogram reads as before, and
// counts again when asked to, at the cost of unfolding it.
func (h *Histogram) Compact() {
	if h == nil || h.h == nil {
		return
	}
	if h.h.TotalCount() == 0 {
		h.h, h.written = nil, nil
		return
	}
	c := &compact{total: h.h.TotalCount(), min: time.Duration(h.h.Min()), max: time.Duration(h.h.Max()),
		mean: time.Duration(h.h.Mean()), bars: slices.Clip(h.bars())}
	h.h, h.c = nil, c
}

// bars lists the occupied buckets in ascending order.
func (h *Histogram) bars() []bar {
	switch {
	case h == nil || h.h == nil && h.c == nil:
		return nil
	case h.c != nil:
		return h.c.bars
	}
	var bars []bar
	for _, b := range h.h.Distribution() {
		if b.Count > 0 {
			bars = append(bars, bar{time.Duration(b.From), time.Duration(b.To), b.Count})
		}
	}
	return bars
}

// unfold makes it a histogram that counts.
func (h *Histogram) unfold() {
	c := h.c
	h.c = nil
	h.merge(c)
}

// merge adds the buckets of a compact histogram.
func (h *Histogram) merge(c *compact) {
	for _, b := range c.bars {
		h.RecordN(min(b.to, HistogramMax), b.count)
	}
}

// quantile is the library's rule: the upper end of the bucket that holds the
// sample of rank q x total, rounded; for q = 0 the lower end of the first.
func (c *compact) quantile(q float64) time.Duration {
	if q == 0 {
		return c.bars[0].from
	}
	rank := max(1, min(c.total, int64(math.Floor(q*float64(c.total)+0.5))))
	for _, b := range c.bars {
		if rank -= b.count; rank <= 0 {
			return b.to
		}
	}
	return c.bars[len(c.bars)-1].to
}

// Compact gives back the memory of all histograms of a Result that nothing more
// will be recorded in.
func (r *Result) Compact() {
	for _, h := range []*Histogram{r.Response, r.Service, r.Lag, r.FirstByte, r.SettleResponse, r.SettleService} {
		h.Compact()
	}
}
