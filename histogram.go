package ancmbench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The one geometry of every histogram, so that any two merge exactly.
const (
	HistogramMin    = time.Nanosecond
	HistogramMax    = time.Hour
	HistogramDigits = 3 // significant decimal digits: values are within 0.1 %
)

// MinBeyond is how many samples must lie beyond a quantile before it is printed.
const MinBeyond = 10

// maxHistogramText bounds what is read: fewer than 2^16 buckets of at most 9 bytes
// each, which base64 makes a third longer.
const maxHistogramText = 1 << 20

// Histogram counts durations between 1 ns and 1 h with 3 significant digits.
// The zero value is empty and ready to use. It is not safe for concurrent use.
type Histogram struct {
	h *hdrhistogram.Histogram // set while it counts
	c *compact                // set after Compact or after reading; never together with h
	// written caches the encoding until the next change: the results file is
	// rewritten after every trial, and only its newest histograms have changed.
	written *[]byte
}

func (h *Histogram) hdr() *hdrhistogram.Histogram {
	if h.h == nil {
		h.h = hdrhistogram.New(int64(HistogramMin), int64(HistogramMax), HistogramDigits)
		h.written = new([]byte)
		if h.c != nil {
			h.unfold()
		}
	}
	return h.h
}

// Record counts one duration. A duration outside the range is counted at the
// nearest edge, so that none is lost.
func (h *Histogram) Record(d time.Duration) { h.RecordN(d, 1) }

// RecordN counts a duration n times; n must not be negative.
func (h *Histogram) RecordN(d time.Duration, n int64) {
	d = min(max(d, HistogramMin), HistogramMax)
	if err := h.hdr().RecordValues(int64(d), n); err != nil {
		panic("ancmbench: a value within the histogram's range was refused: " + err.Error())
	}
	*h.written = nil
}

// Merge adds all samples of o.
func (h *Histogram) Merge(o *Histogram) {
	switch {
	case o == nil || o.h == nil && o.c == nil:
		return
	case o.c != nil:
		h.merge(o.c)
		return
	}
	if dropped := h.hdr().Merge(o.h); dropped > 0 {
		panic(fmt.Sprintf("ancmbench: merging two histograms of one geometry dropped %d samples", dropped))
	}
	*h.written = nil
}

// Reset forgets all samples and keeps the memory.
func (h *Histogram) Reset() {
	if h != nil && h.h != nil {
		h.h.Reset()
		*h.written = nil
	} else if h != nil {
		h.c, h.written = nil, nil
	}
}

// Count returns the number of samples.
func (h *Histogram) Count() int64 {
	switch {
	case h == nil:
		return 0
	case h.c != nil:
		return h.c.total
	case h.h != nil:
		return h.h.TotalCount()
	}
	return 0
}

// Quantile returns the duration at q in [0,1]; ok is false if there are no samples.
func (h *Histogram) Quantile(q float64) (d time.Duration, ok bool) {
	if h.Count() == 0 || !(q >= 0 && q <= 1) {
		return 0, false
	}
	if h.c != nil {
		return h.c.quantile(q), true
	}
	return time.Duration(h.h.ValueAtQuantile(q * 100)), true
}

// Printable returns the duration at q. ok is false if fewer than MinBeyond samples
// lie beyond q on its shorter side.
func (h *Histogram) Printable(q float64) (d time.Duration, ok bool) {
	beyond := float64(h.Count()) * min(q, 1-q)
	if beyond < MinBeyond-1e-9 {
		return 0, false
	}
	return h.Quantile(q)
}

// Min returns the smallest sample, within the histogram's precision; 0 if there is none.
func (h *Histogram) Min() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	if h.c != nil {
		return h.c.min
	}
	return time.Duration(h.h.Min())
}

// Max returns the largest sample, within the histogram's precision; 0 if there is none.
func (h *Histogram) Max() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	if h.c != nil {
		return h.c.max
	}
	return time.Duration(h.h.Max())
}

// Mean returns the arithmetic mean, within the histogram's precision; 0 if there is no
// sample.
func (h *Histogram) Mean() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	if h.c != nil {
		return h.c.mean
	}
	return time.Duration(h.h.Mean())
}

// CumulativeBelow returns the share of samples, in [0,1], at or below d. It visits all
// buckets; to draw a curve, call Buckets once instead.
func (h *Histogram) CumulativeBelow(d time.Duration) float64 {
	if h.Count() == 0 {
		return 0
	}
	var below int64
	for b := range h.bars() {
		if b.from > d {
			break
		}
		below += b.count
	}
	return float64(below) / float64(h.Count())
}

// Buckets calls yield with each occupied bucket in ascending order: its upper
// end and its number of samples.
func (h *Histogram) Buckets(yield func(upTo time.Duration, count int64) bool) {
	for b := range h.bars() {
		if !yield(b.to, b.count) {
			return
		}
	}
}

// MarshalJSON writes the compressed HdrHistogram V2 encoding as base64 text, the form
// in the histogram logs of other HdrHistogram tools; null if the histogram is empty.
func (h Histogram) MarshalJSON() ([]byte, error) {
	if h.Count() == 0 {
		return []byte("null"), nil
	}
	if *h.written != nil {
		return *h.written, nil
	}
	dense := h.h
	if dense == nil {
		var copied Histogram
		copied.merge(h.c)
		dense = copied.h
	}
	blob, err := dense.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return nil, fmt.Errorf("histogram: %w", err)
	}
	text, err := json.Marshal(string(blob))
	*h.written = text
	return text, err
}

// UnmarshalJSON reads what MarshalJSON wrote. It fails on any other geometry.
func (h *Histogram) UnmarshalJSON(b []byte) error {
	var blob *string
	if err := json.Unmarshal(b, &blob); err != nil {
		return fmt.Errorf("histogram: %w", err)
	}
	h.h, h.c, h.written = nil, nil, nil
	if blob == nil {
		return nil
	}
	if len(*blob) > maxHistogramText {
		return fmt.Errorf("histogram: %d bytes, and one has at most %d", len(*blob), maxHistogramText)
	}
	c, err := readCompact(*blob)
	if err != nil {
		return fmt.Errorf("histogram: %w", err)
	}
	if c != nil {
		// What an agent has encoded is not encoded once more for the results file.
		text := slices.Clone(b)
		h.c, h.written = c, &text
	}
	return nil
}

// WritePercentiles writes the distribution as the .hgrm text that HdrHistogram
// plotters read, in milliseconds, with 5 steps per halving of the distance to 1.
func (h *Histogram) WritePercentiles(w io.Writer) error {
	_, err := h.hdr().PercentilesPrint(w, 5, float64(time.Millisecond))
	if err != nil {
		return fmt.Errorf("histogram: %w", err)
	}
	return nil
}
