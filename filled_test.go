package ancmbench

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// filled returns a value without a zero in any field, so that every test that uses it also
// covers fields that are added later. The same seed gives the same value.
func filled[T any](t *testing.T, seed uint64) T {
	t.Helper()
	var v T
	f := filler{t: t, rng: rand.New(rand.NewPCG(seed, seed))}
	f.fill(reflect.ValueOf(&v).Elem(), reflect.TypeFor[T]().Name(), "")
	return v
}

type filler struct {
	t   *testing.T
	rng *rand.Rand
}

// words are texts that some encoder loses or changes.
var words = []string{"plain", "with \"quotes\" and \\", "<b>&amp;", "tab\tline\n", "ü € 😀", "\u2028\u0000\x7f", " "}

// fill keeps whole numbers within their bounds by name, as the results file has it.
func (f filler) fill(v reflect.Value, path, name string) {
	switch v.Interface().(type) {
	case Histogram:
		h := v.Addr().Interface().(*Histogram)
		for range 1 + f.rng.IntN(50) {
			h.RecordN(time.Duration(f.rng.Int64N(int64(HistogramMax)>>f.rng.IntN(40))), 1+f.rng.Int64N(1000))
		}
		return
	case time.Time: // to the second, in UTC, as Run.Started is
		v.Set(reflect.ValueOf(time.Unix(1+f.rng.Int64N(4e9), 0).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			at := path + "." + field.Name
			if !v.Field(i).CanSet() {
				f.t.Fatalf("%s is not exported, so no results file can hold it", at)
			}
			inFile, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			f.fill(v.Field(i), at, v.Type().Name()+"."+inFile)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), path, name)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+f.rng.IntN(2), 2))
		for i := range v.Len() {
			f.fill(v.Index(i), fmt.Sprintf("%s[%d]", path, i), name)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 1 + f.rng.IntN(3) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			if key.Kind() == reflect.Int { // Outcomes.Status
				key.SetInt(100 + f.rng.Int64N(500))
			} else {
				f.fill(key, path+" key", name)
			}
			f.fill(value, path+" value", name)
			v.SetMapIndex(key, value)
		}
	case reflect.String:
		v.SetString(f.word(v.Type()))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		most, bounded := numberBounds[name]
		if !bounded {
			most = maxWhole
		}
		if v.Type() == reflect.TypeFor[Seconds]() {
			most = maxSeconds * int64(time.Second)
		}
		n := 1 + f.rng.Int64N(most)>>f.rng.IntN(bits.Len64(uint64(most)))
		if f.rng.IntN(2) == 0 && (signed[name] || v.Type() == reflect.TypeFor[Seconds]()) {
			n = -n
		}
		v.SetInt(n)
	case reflect.Uint64, reflect.Uint8:
		v.SetUint(1 + f.rng.Uint64N(1<<v.Type().Bits()-1))
	case reflect.Float64:
		v.SetFloat(f.rng.NormFloat64() * float64(f.rng.Int64()>>6))
	default:
		f.t.Fatalf("%s: a %s, which this test cannot fill; teach it", path, v.Type())
	}
	if v.IsZero() {
		f.t.Fatalf("%s was left zero", path)
	}
}

// word is one of the legal values of a closed set, or any text.
func (f filler) word(t reflect.Type) string {
	if set := closedSets(f.t)[t.Name()]; len(set) > 0 {
		return set[f.rng.IntN(len(set))]
	}
	return fmt.Sprint(words[f.rng.IntN(len(words))], f.rng.IntN(1000))
}

// difference returns the path of the first difference of two values, or "". An empty
// histogram and a nil one are equal.
func difference[T any](in, out T) string {
	return firstDifference(reflect.ValueOf(&in).Elem(), reflect.ValueOf(&out).Elem(), reflect.TypeFor[T]().Name())
}

func firstDifference(a, b reflect.Value, path string) string {
	differ := func() string {
		return fmt.Sprintf("%s went in as %#v and came out as %#v", path, a.Interface(), b.Interface())
	}
	if a.Kind() != reflect.Pointer && a.Kind() != reflect.Interface && a.IsZero() != b.IsZero() {
		if _, histogram := a.Interface().(Histogram); !histogram {
			return differ()
		}
	}
	switch x := a.Interface().(type) {
	case Histogram:
		return histogramDifference(&x, b.Addr().Interface().(*Histogram), path)
	case *Histogram:
		return histogramDifference(x, b.Interface().(*Histogram), path)
	}
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				return differ()
			}
			return ""
		}
		return firstDifference(a.Elem(), b.Elem(), path)
	case reflect.Struct:
		if _, isTime := a.Interface().(time.Time); isTime {
			break
		}
		for i := range a.NumField() {
			if d := firstDifference(a.Field(i), b.Field(i), path+"."+a.Type().Field(i).Name); d != "" {
				return d
			}
		}
		return ""
	case reflect.Slice:
		if a.Len() != b.Len() {
			return differ()
		}
		for i := range a.Len() {
			if d := firstDifference(a.Index(i), b.Index(i), fmt.Sprintf("%s[%d]", path, i)); d != "" {
				return d
			}
		}
		return ""
	}
	if !reflect.DeepEqual(a.Interface(), b.Interface()) {
		return differ()
	}
	return ""
}

func histogramDifference(a, b *Histogram, path string) string {
	if a.Count() != b.Count() || a.Min() != b.Min() || a.Max() != b.Max() || a.Mean() != b.Mean() {
		return fmt.Sprintf("%s went in with %d samples, %v to %v, and came out with %d, %v to %v",
			path, a.Count(), a.Min(), a.Max(), b.Count(), b.Min(), b.Max())
	}
	same := func() bool { return slices.Equal(slices.Collect(a.bars()), slices.Collect(b.bars())) }
	if a != nil && b != nil && a.h != nil && b.h != nil { // the same by a shorter way
		same = func() bool { return slices.Equal(a.h.Export().Counts, b.h.Export().Counts) }
	}
	if !same() {
		return path + " went in with other buckets than it came out with"
	}
	return ""
}
