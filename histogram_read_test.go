package ancmbench

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// libraryReads returns what the library reads from a text, with samples outside the range
// moved to its edge as Record does; nil if the library refuses the text.
func libraryReads(text string) *Histogram {
	d, err := hdrhistogram.Decode([]byte(text))
	if err != nil || d.LowestTrackableValue() != int64(HistogramMin) || d.HighestTrackableValue() != int64(HistogramMax) ||
		d.SignificantFigures() != HistogramDigits {
		return nil
	}
	h := new(Histogram)
	for _, b := range d.Distribution() {
		if b.Count > maxSamples-h.Count() {
			return nil // which the library takes, and makes a negative sum of
		}
		if b.Count > 0 {
			h.RecordN(time.Duration(b.From), b.Count)
		}
	}
	return h
}

func TestPlacesAgreeWithTheLibrary(t *testing.T) {
	h := hdrhistogram.New(int64(HistogramMin), int64(HistogramMax), HistogramDigits)
	if n := len(h.Export().Counts); n != places {
		t.Fatalf("%d places, and the library has %d", places, n)
	}
	for _, edge := range []struct {
		at    time.Duration
		place int
	}{{HistogramMin, placeOfMin}, {HistogramMax, placeOfMax}} {
		one := recorded(edge.at)
		if one.h.Export().Counts[edge.place] != 1 {
			t.Errorf("%v is not at place %d", edge.at, edge.place)
		}
	}
	for place := range places {
		h.Reset()
		b := barAt(place, 7)
		if h.RecordValues(int64(b.from), 7) != nil || h.Export().Counts[place] != 7 || h.RecordValues(int64(b.to), 1) != nil || h.Export().Counts[place] != 8 {
			t.Fatalf("place %d is not that of %v to %v", place, b.from, b.to)
		}
		if place > 3000 {
			break // two doublings have shown the rule
		}
	}
}

func TestReadingAgreesWithTheLibrary(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 30 {
		h := recorded(samples(rng, 1+rng.IntN(3000))...)
		h.RecordN(time.Duration(1+rng.Int64N(int64(time.Hour))), rng.Int64N(1<<40)) // a number of many bytes
		b, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		var text string
		if err := json.Unmarshal(b, &text); err != nil {
			t.Fatal(err)
		}
		c, err := readCompact(text)
		if err != nil {
			t.Fatal(err)
		}
		if d := histogramDifference(libraryReads(text), &Histogram{c: c, written: new([]byte)}, "a histogram"); d != "" {
			t.Fatal(d)
		}
	}
}

// packed returns the text of a histogram with these bytes as its buckets.
func packed(t testing.TB, counts []byte, change func(head []byte)) string {
	head := make([]byte, 40)
	binary.BigEndian.PutUint32(head, cookiePlain|0x10)
	binary.BigEndian.PutUint32(head[4:], uint32(len(counts)))
	binary.BigEndian.PutUint32(head[12:], HistogramDigits)
	binary.BigEndian.PutUint64(head[16:], uint64(HistogramMin))
	binary.BigEndian.PutUint64(head[24:], uint64(HistogramMax))
	binary.BigEndian.PutUint64(head[32:], math.Float64bits(1))
	if change != nil {
		change(head)
	}
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(append(head, counts...)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	out := binary.BigEndian.AppendUint32(nil, cookieCompressed|0x10)
	out = binary.BigEndian.AppendUint32(out, uint32(b.Len()))
	return base64.StdEncoding.EncodeToString(append(out, b.Bytes()...))
}

// numbers in zigzag, seven bits a byte; none of them needs the ninth.
func numbers(vs ...int64) (out []byte) {
	for _, v := range vs {
		out = binary.AppendVarint(out, v)
	}
	return out
}

func TestReadCompact(t *testing.T) {
	big := []byte{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff} // MaxInt64 in nine bytes
	most := numbers(-9, maxSamples)
	good := packed(t, numbers(-5, 3), nil)
	for _, c := range []struct {
		name, text string
		count      int64
		min        time.Duration
		fault      string
	}{
		{name: "one bucket", text: good, count: 3, min: 5},
		{name: "zeros one by one", text: packed(t, numbers(0, 0, 4), nil), count: 4, min: 2},
		{name: "no time at all counts as the least", text: packed(t, numbers(2, 3), nil), count: 5, min: 1},
		{name: "more than an hour counts as one", text: packed(t, numbers(int64(1-places), 9), nil), count: 9, min: barAt(placeOfMax, 0).from},
		{name: "nothing", text: packed(t, nil, nil)},
		{name: "as many as there can be", text: packed(t, most, nil), count: maxSamples, min: 9},
		{name: "one too many", text: packed(t, append(most, numbers(1)...), nil), fault: "more samples than can be counted"},
		{name: "the most that a number can be", text: packed(t, big, nil), fault: "more samples than can be counted"},
		{name: "empty ones beyond the last", text: packed(t, numbers(int64(-places-1)), nil), fault: "beyond the last"},
		{name: "one beyond the last", text: packed(t, numbers(int64(-places), 1), nil), fault: "beyond the last"},
		{name: "the least number there is", text: packed(t, bytes.Repeat([]byte{0xff}, 9), nil), fault: "beyond the last"},
		{name: "half a number", text: packed(t, []byte{0x80}, nil), fault: "unexpected EOF"},
		{name: "shorter than stated", text: packed(t, numbers(1), func(h []byte) { h[7]++ }), fault: "unexpected EOF"},
		{name: "longer than stated", text: packed(t, numbers(1, 1), func(h []byte) { h[7]-- }), fault: "continues after its end"},
		{name: "ends within a number", text: packed(t, numbers(1000), func(h []byte) { h[7]-- }), fault: "continues after the stated length"},
		{name: "less than nothing", text: packed(t, numbers(1), func(h []byte) { h[4] = 0x80 }), fault: "length -"},
		{name: "another encoding", text: packed(t, numbers(1), func(h []byte) { h[3] = 0x01 }), fault: "only V2"},
		{name: "not base64", text: "*", fault: "illegal base64"},
		{name: "too short", text: "AAAA", fault: "too short"},
		{name: "another cookie", text: "A" + good[1:], fault: "only the compressed V2"},
		{name: "cut off", text: good[:len(good)-8], fault: " bytes"},
		{name: "not compressed", text: base64.StdEncoding.EncodeToString([]byte{0x1c, 0x84, 0x93, 0x14, 0, 0, 0, 2, 1, 2}), fault: "zlib"},
	} {
		got, err := readCompact(c.text)
		if c.fault != "" {
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%s: %v, want %q", c.name, err, c.fault)
			}
			continue
		}
		h := &Histogram{c: got}
		if err != nil || h.Count() != c.count || h.Min() != c.min {
			t.Errorf("%s: %d samples from %v (%v), want %d from %v", c.name, h.Count(), h.Min(), err, c.count, c.min)
		}
		// After a fault, a reused reader must read the next text like a new one.
		if again, err := readCompact(good); err != nil || again.total != 3 {
			t.Errorf("after %s: %+v, %v", c.name, again, err)
		}
	}
	wrong, err := base64.StdEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	wrong[len(wrong)-1]++
	if _, err := readCompact(base64.StdEncoding.EncodeToString(wrong)); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("a wrong checksum: %v", err)
	}
}

// For any bytes, both readers accept or both refuse them, and both read the same.
func FuzzReadCompact(f *testing.F) {
	f.Add(numbers(-5, 3, 0, 0, 1, -700, 1<<39))
	f.Add(numbers(int64(1-places), 9))
	f.Add([]byte{0x80})
	f.Add(bytes.Repeat([]byte{0xff}, 20))
	f.Fuzz(func(t *testing.T, counts []byte) {
		text := packed(t, counts, nil)
		want := libraryReads(text)
		got, err := readCompact(text)
		if (err == nil) != (want != nil) {
			t.Fatalf("%v, and the library: %v", err, want != nil)
		}
		if err != nil {
			return
		}
		if d := histogramDifference(want, &Histogram{c: got, written: new([]byte)}, "what was read"); d != "" {
			t.Error(d)
		}
	})
}

// A results file has thousands of histograms, so reading one must not allocate a counts
// array.
func TestReadCompactAllocatesLittle(t *testing.T) {
	h := recorded(samples(rand.New(rand.NewPCG(6, 6)), 2000)...)
	b, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	const reads, most = 50, 100_000 // bytes; the counts array alone is 270 kB
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range reads {
		if err := json.Unmarshal(b, new(Histogram)); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / reads; got > most {
		t.Errorf("%d bytes are allocated to read %d of text", got, len(b))
	}
}
