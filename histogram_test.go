package ancmbench

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// samples draws n durations over all nine orders of magnitude.
func samples(rng *rand.Rand, n int) []time.Duration {
	out := make([]time.Duration, n)
	for i := range out {
		out[i] = time.Duration(math.Exp(rng.Float64() * math.Log(float64(HistogramMax))))
	}
	return out
}

func recorded(ds ...time.Duration) *Histogram {
	h := new(Histogram)
	for _, d := range ds {
		h.Record(d)
	}
	return h
}

// near reports whether two durations are equal within the histogram's precision.
func near(a, b time.Duration) bool {
	return math.Abs(float64(a-b)) <= 1e-3*max(float64(a), float64(b))
}

func TestMergeIsConcatenation(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 30 {
		a, b := samples(rng, rng.IntN(300)), samples(rng, rng.IntN(300))
		merged := recorded(a...)
		merged.Merge(recorded(b...))
		if d := histogramDifference(recorded(slices.Concat(a, b)...), merged, "the merged one"); d != "" {
			t.Fatal(d)
		}
	}
	h := recorded(1, 2, 3)
	h.Merge(nil)
	h.Merge(new(Histogram))
	if h.Count() != 3 {
		t.Errorf("merging nothing made %d samples of 3", h.Count())
	}
}

func TestQuantilesAreMonotoneAndExactToPrecision(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 10 {
		ds := samples(rng, 1+rng.IntN(2000))
		h := recorded(ds...)
		slices.Sort(ds)
		last := time.Duration(0)
		for i := range 1001 {
			q := float64(i) / 1000
			d, ok := h.Quantile(q)
			if !ok || d < last {
				t.Fatalf("quantile %v is %v (%v), after %v", q, d, ok, last)
			}
			last = d
			// The sample of rank round(q n), counted from 1.
			rank := min(max(int(q*float64(len(ds))+0.5), 1), len(ds))
			if want := ds[rank-1]; !near(d, want) {
				t.Fatalf("quantile %v of %d samples is %v, want %v", q, len(ds), d, want)
			}
			if i%250 != 0 {
				continue
			}
			if below := h.CumulativeBelow(d); below < float64(rank)/float64(len(ds))-1e-12 {
				t.Fatalf("%v of the samples are at or below quantile %v", below, q)
			}
		}
		if !near(h.Min(), ds[0]) || !near(h.Max(), ds[len(ds)-1]) {
			t.Fatalf("%v to %v, want %v to %v", h.Min(), h.Max(), ds[0], ds[len(ds)-1])
		}
	}
}

func TestQuantileNeedsSamplesAndRange(t *testing.T) {
	one := recorded(time.Second)
	for _, c := range []struct {
		h *Histogram
		q float64
	}{{nil, 0.5}, {new(Histogram), 0.5}, {one, -0.1}, {one, 1.1}, {one, 50}, {one, math.NaN()}} {
		if d, ok := c.h.Quantile(c.q); ok || d != 0 {
			t.Errorf("quantile %v of %d samples is %v", c.q, c.h.Count(), d)
		}
		if d, ok := c.h.Printable(c.q); ok || d != 0 {
			t.Errorf("quantile %v of %d samples is printed as %v", c.q, c.h.Count(), d)
		}
	}
}

// A quantile is printed as soon as ten samples lie beyond it.
func TestPrintable(t *testing.T) {
	for _, c := range []struct {
		q    float64
		from int64
	}{{0.5, 20}, {0.9, 100}, {0.99, 1000}, {0.999, 10000}, {0.01, 1000}, {0.25, 40}, {0.75, 40}} {
		h := new(Histogram)
		h.RecordN(time.Millisecond, c.from-1)
		if _, ok := h.Printable(c.q); ok {
			t.Errorf("quantile %v is printed with %d samples", c.q, c.from-1)
		}
		h.Record(time.Millisecond)
		if d, ok := h.Printable(c.q); !ok || !near(d, time.Millisecond) {
			t.Errorf("quantile %v of %d samples is %v (%v)", c.q, c.from, d, ok)
		}
	}
	h := new(Histogram)
	h.RecordN(time.Millisecond, 1e9)
	for _, q := range []float64{0, 1} {
		if _, ok := h.Printable(q); ok {
			t.Errorf("quantile %v is printed, and nothing lies beyond it", q)
		}
	}
}

func TestOutOfRangeIsCountedAtTheEdge(t *testing.T) {
	h := recorded(-time.Second, 0, 1, time.Hour, 2*time.Hour, math.MaxInt64)
	if h.Count() != 6 || h.Min() != 1 || !near(h.Max(), time.Hour) {
		t.Errorf("%d samples from %v to %v", h.Count(), h.Min(), h.Max())
	}
}

func TestEmptyAndReset(t *testing.T) {
	h := recorded(time.Second, time.Minute)
	if _, err := json.Marshal(h); err != nil {
		t.Fatal(err)
	}
	h.Reset()
	for name, h := range map[string]*Histogram{"reset": h, "zero": new(Histogram), "nil": nil} {
		h.Reset()
		if h.Count() != 0 || h.Min() != 0 || h.Max() != 0 || h.Mean() != 0 || h.CumulativeBelow(time.Hour) != 0 {
			t.Errorf("%s: not empty", name)
		}
		h.Buckets(func(time.Duration, int64) bool { t.Errorf("%s: has a bucket", name); return true })
		if b, err := json.Marshal(h); err != nil || string(b) != "null" {
			t.Errorf("%s: is written as %s, %v", name, b, err)
		}
	}
}

// A change must invalidate the cached encoding.
func TestChangeInvalidatesTheEncoding(t *testing.T) {
	h := recorded(time.Second)
	for name, change := range map[string]func(){
		"Record":  func() { h.Record(time.Minute) },
		"RecordN": func() { h.RecordN(time.Minute, 3) },
		"Merge":   func() { h.Merge(recorded(time.Millisecond)) },
		"Reset":   func() { h.Reset(); h.Record(7) },
		"Unmarshal": func() {
			b, _ := json.Marshal(recorded(42))
			if err := json.Unmarshal(b, h); err != nil {
				t.Error(err)
			}
		},
	} {
		if _, err := json.Marshal(h); err != nil {
			t.Fatal(err)
		}
		change()
		out := back(t, h)
		if d := histogramDifference(h, out, "after "+name+" it"); d != "" {
			t.Error(d)
		}
	}
	// A copy of a Histogram shares its samples.
	if d := difference(*h, back(t, *h)); d != "" {
		t.Error(d)
	}
}

func TestBucketsHoldEverySampleInOrder(t *testing.T) {
	h := recorded(samples(rand.New(rand.NewPCG(3, 3)), 500)...)
	var sum int64
	last := time.Duration(0)
	for upTo, n := range h.Buckets {
		if upTo <= last || n <= 0 {
			t.Fatalf("a bucket up to %v with %d samples after one up to %v", upTo, n, last)
		}
		last = upTo
		sum += n
	}
	if sum != h.Count() {
		t.Errorf("buckets hold %d of %d samples", sum, h.Count())
	}
	for range h.Buckets {
		break // and nothing panics
	}
}

func FuzzHistogramReader(f *testing.F) {
	for _, h := range []*Histogram{nil, recorded(1), recorded(time.Microsecond, time.Second, time.Hour)} {
		b, err := json.Marshal(h)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(foreign(f))
	f.Add([]byte(`"` + strings.Repeat("A", 100) + `"`))
	f.Fuzz(func(t *testing.T, b []byte) {
		h := new(Histogram)
		if err := json.Unmarshal(b, h); err != nil {
			return
		}
		if d := histogramDifference(h, back(t, h), "what was read"); d != "" {
			t.Error(d)
		}
		h.Merge(recorded(time.Second)) // every geometry that is taken can be merged
	})
}

// foreign is a histogram of another geometry, as other tools write them.
func foreign(t testing.TB) []byte {
	h := hdrhistogram.New(1, 1000, 1)
	if err := h.RecordValue(7); err != nil {
		t.Fatal(err)
	}
	text, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(`"` + string(text) + `"`)
}

func TestAnotherGeometryIsRefused(t *testing.T) {
	if err := json.Unmarshal(foreign(t), new(Histogram)); err == nil || !strings.Contains(err.Error(), "geometry 1 to 1000 ns with 1 digits") {
		t.Errorf("another geometry: %v", err)
	}
	if err := json.Unmarshal([]byte(`"`+strings.Repeat("A", maxHistogramText+1)+`"`), new(Histogram)); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("a megabyte of text: %v", err)
	}
}

// A histogram that was read is written as it came, without another encoding, until it is
// changed.
func TestReadHistogramIsWrittenAsItCame(t *testing.T) {
	var h Histogram
	for i := range 1000 {
		h.Record(time.Duration(i) * time.Microsecond)
	}
	text, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	text = uncompressed(t, text) // which no encoding of ours is
	var read Histogram
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if again, err := read.MarshalJSON(); err != nil || !bytes.Equal(again, text) {
		t.Errorf("%v: written as %s, and came as %s", err, again, text)
	}
	read.Record(time.Second)
	again, err := json.Marshal(read)
	var changed Histogram
	if err := errors.Join(err, json.Unmarshal(again, &changed)); err != nil || changed.Count() != 1001 {
		t.Errorf("%v: after a change %d values were written", err, changed.Count())
	}
	changed.Merge(&h)
	again, err = json.Marshal(changed)
	var merged Histogram
	if err := errors.Join(err, json.Unmarshal(again, &merged)); err != nil || merged.Count() != 2001 {
		t.Errorf("%v: after a merge %d values were written", err, merged.Count())
	}
}

// uncompressed returns the text of a histogram whose payload is stored as it is.
func uncompressed(t *testing.T, text []byte) []byte {
	t.Helper()
	var blob []byte // JSON's form of bytes is base64, as the histogram's is
	if err := json.Unmarshal(text, &blob); err != nil {
		t.Fatal(err)
	}
	r, err := zlib.NewReader(bytes.NewReader(blob[8:]))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, zlib.NoCompression)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	out := binary.BigEndian.AppendUint32(slices.Clone(blob[:4]), uint32(b.Len()))
	text, err = json.Marshal(append(out, b.Bytes()...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
