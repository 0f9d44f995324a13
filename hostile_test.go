package ancmbench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// hostile lists hostile results files, each with a word of the error that refuses it.
func hostile(t testing.TB) map[string][2]string {
	list := func(n int, of string) string { return "[" + strings.Repeat(of+",", n-1) + of + "]" }
	run := func(field, value string) string { return `{"version":1,"` + field + `":` + value + `}` }
	result := func(field, value string) string { return run("results", `[{"`+field+`":`+value+`}]`) }
	entries := func(n int, value string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"%d":%s`, i, value)
		}
		return "{" + b.String()[1:] + "}"
	}
	long := `"` + strings.Repeat("x", 1<<20) + `"`
	dense := `"` + packed(t, numbers(slicesOf(places-1, 1)...), nil) + `"`
	return map[string][2]string{
		"a bucket of 2^62 samples":        {result("response", `"`+packed(t, numbers(1<<62), nil)+`"`), "more samples than can be counted"},
		"10,000 targets":                  {run("targets", list(10_000, `{"name":"x"}`)), "targets: more than 256"},
		"10,000 targets of a trial":       {run("plan", `[{"targets":`+list(10_000, `"x"`)+`}]`), "targets: more than 256"},
		"targets by another case":         {run("TaRgEtS", list(10_000, `{}`)), "targets: more than 256"},
		"targets by an escaped name":      {run(`targ\u0065ts`, list(10_000, `{}`)), "targets: more than 256"},
		"300,000 results":                 {run("results", list(300_000, `{}`)), "results: more than 200000"},
		"300,000 trials":                  {run("plan", list(300_000, `{}`)), "plan: more than 200000"},
		"many phases":                     {run("profile", `{"phases":`+list(2000, `{}`)+`}`), "phases: more than 300"},
		"many workloads":                  {run("profile", `{"workloads":`+list(2000, `{}`)+`}`), "workloads: more than 1000"},
		"many warnings":                   {run("warnings", list(20_000, `{}`)), "warnings: more than 10000"},
		"many seconds":                    {result("series", list(1_000_000, `{}`)), "too much memory"},
		"many statuses":                   {result("outcomes", `{"status":`+entries(2000, "1")+`}`), "status: more than 1000"},
		"many details":                    {run("host", `{"details":`+entries(2000, `"x"`)+`}`), "details: more than 1000"},
		"dense histograms":                {run("results", list(400, `{"response":`+dense+`}`)), "histograms would take too much memory"},
		"a long histogram":                {result("lag", `"`+strings.Repeat("x", 2<<20)+`"`), "longer than 1048576 bytes"},
		"a long name":                     {run("targets", `[{"name":`+long+`}]`), "name: longer than 1024 bytes"},
		"a long name of a result":         {result("target", long), "target: longer than 1024 bytes"},
		"a long reason":                   {run("reason", long), "reason: longer than 524288 bytes"},
		"a long key":                      {`{"version":1,` + long + `:1}`, "the name of a field: longer than 1024 bytes"},
		"a long text in an unknown field": {run("later", long), "a text: longer than 65536 bytes"},
		"lists in lists":                  {run("later", strings.Repeat("[", 100_000)), "nested deeper than 64 levels"},
		"objects in objects":              {run("later", strings.Repeat(`{"a":`, 100_000)), "nested deeper than 64 levels"},
		"a number of many digits":         {result("launch", strings.Repeat("1", 100_000)), "launch: a number of more than 64 digits"},
		"a negative count":                {result("outcomes", `{"due":-1}`), "due: -1 is out of range"},
		"a count of a status below 0":     {result("outcomes", `{"status":{"404":-5}}`), "status: -5 is out of range"},
		"2^62 requests":                   {result("outcomes", `{"sent":4611686018427387904}`), "sent: 4611686018427387904 is out of range"},
		"a fresh start of two thousand":   {result("launch", "2000"), "launch: 2000 is out of range"},
		"a negative fresh start":          {result("launch", "-1"), "launch: -1 is out of range"},
		"2^40 fresh starts":               {run("launches_done", "1099511627776"), "launches_done: 1099511627776 is out of range"},
		"an endless time":                 {run("elapsed_seconds", "1e300"), "elapsed_seconds: 1e300 is out of range"},
		"a time of ten digits":            {result("busy_seconds", "-9000000000"), "busy_seconds: -9000000000 is out of range"},
		"an instant of a thousand years":  {result("instants_seconds", "[31536000000.5]"), "instants_seconds: 31536000000.5 is out of range"},
		"a rate beyond all":               {result("arrivals", `{"rate_per_second":1e300}`), "rate_per_second: 1e300 is out of range"},
		"a rate that no float holds":      {result("arrivals", `{"rate_per_second":1e400}`), "rate_per_second: 1e400 is out of range"},
		"NaN":                             {result("arrivals", `{"rate_per_second":NaN}`), "invalid character 'N'"},
		"too many comparisons":            {manyCells(), "100 targets in 50 phases are 5000 comparisons, and a run has at most 1024"},
		"an ESC":                          {"{\"version\":1,\x1b[31m", `invalid character '\x1b'`},
		"a year of ten digits":            {run("started", `"`+strings.Repeat("9", 10)+`-01-01T00:00:00Z"`), "parsing time"},
	}
}

func slicesOf(n int, v int64) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func manyCells() string {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, `,{"target":"t%d","phase":"p%d"}`, i, i%50)
	}
	return `{"version":1,"results":[` + b.String()[1:] + `]}`
}

// hostileRoom is what the histograms of a hostile file may take here.
const hostileRoom = 16 << 20

// A hostile file is refused before its memory is allocated, with one short line.
func TestHostileRuns(t *testing.T) {
	for name, c := range hostile(t) {
		t.Run(name, func(t *testing.T) {
			text := []byte(c[0])
			room := int64(hostileRoom)
			if strings.HasPrefix(name, "300,000") {
				room = maxMemory
			}
			var err error
			took := allocated(func() { _, err = decodeRun(text, room) })
			if err == nil || !strings.Contains(err.Error(), c[1]) || len(err.Error()) > 200 || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("%.300v, want %q", err, c[1])
			}
			// Thrice, since growing lists leave their former selves behind, and a pool may
			// forget what it was given.
			if most := uint64(3*hostileRoom + 4*len(text)); took > most {
				t.Errorf("%d bytes were allocated for a file of %d, and %d are allowed", took, len(text), most)
			}
		})
	}
}

func allocated(of func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	of()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestReadRunRefusesOtherThanFiles(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, MaxRunFile+1); err != nil {
		t.Skip("no sparse files here: ", err)
	}
	for path, want := range map[string]string{
		large:                      "268435457 bytes, more than the limit of 268435456",
		os.DevNull:                 "is a device, not a file",
		"/dev/zero":                "is a device, not a file",
		filepath.Join(dir, "pipe"): "is a pipe, not a file",
	} {
		if strings.HasSuffix(path, "pipe") && !makePipe(t, path) {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			continue
		}
		var err error
		took := allocated(func() { _, err = ReadRun(path) })
		if err == nil || !strings.Contains(err.Error(), want) || took > 1<<20 {
			t.Errorf("%s: %v after %d bytes, want %q", path, err, took, want)
		}
	}
}

// A file may be larger than its reported size, as in /proc.
func TestReadWholeStopsAtItsLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := ReadWhole(path, 5); err != nil || string(b) != "12345" {
		t.Errorf("%q, %v", b, err)
	}
	if b, err := ReadWhole(path, 4); err == nil || b != nil {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := os.Stat("/proc/self/maps"); err != nil {
		t.Skip("no /proc here")
	}
	if _, err := ReadWhole("/proc/self/maps", 10); err == nil || !strings.Contains(err.Error(), "larger than the limit of 10 bytes") {
		t.Errorf("/proc/self/maps: %v", err)
	}
}

// What is kept as raw text is bounded when it is decoded, by its types there: a body that may be
// long is not too long within a message, and a name that is too long is refused then.
func TestRawTextIsBoundedWhenItIsDecoded(t *testing.T) {
	type envelope struct {
		Op   string          `json:"op"`
		Body json.RawMessage `json:"body"`
	}
	long := strings.Repeat("x", 1<<20)
	for name, c := range map[string]struct {
		inner any
		into  any
		fails bool
	}{
		"a body":         {Request{Path: "/", Body: []byte(long)}, &Request{}, false},
		"bodies":         {[]Request{{Path: "/", Body: []byte(long)}}, &[]Request{}, false},
		"a name":         {TargetInfo{Name: long}, &TargetInfo{}, true},
		"another's text": {map[string]string{"x": long}, &TargetInfo{}, true},
	} {
		inner, err := json.Marshal(c.inner)
		if err != nil {
			t.Fatal(err)
		}
		outer, err := json.Marshal(envelope{Op: "start", Body: inner})
		if err != nil {
			t.Fatal(err)
		}
		var got envelope
		if err := UnmarshalBounded(outer, &got); err != nil {
			t.Errorf("%s: the message is refused: %v", name, err)
			continue
		}
		if err := UnmarshalBounded(got.Body, c.into); (err != nil) != c.fails {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := UnmarshalBounded([]byte(`{"op":"`+long+`"}`), new(envelope)); err == nil {
		t.Error("a text beside the raw one has no bound")
	}
	if err := UnmarshalBounded([]byte(`{"body":`+strings.Repeat("[", 10_000)+`}`), new(envelope)); err == nil {
		t.Error("raw text may be nested without end")
	}
}

// Every bound must name an existing field; otherwise it has no effect.
func TestBoundsNameFields(t *testing.T) {
	kinds := map[string]reflect.Type{}
	var walk func(reflect.Type)
	seen := map[reflect.Type]bool{}
	walk = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] || typ == reflect.TypeFor[Histogram]() {
			return
		}
		seen[typ] = true
		for _, f := range fieldsOf(typ) {
			kinds[f.name] = f.typ
			walk(f.typ)
		}
	}
	walk(reflect.TypeFor[Run]())
	has := func(table, name string, kinds ...reflect.Kind) {
		for _, k := range kinds {
			if k == reflect.Invalid {
				t.Errorf("%s: no field %s", table, name)
			}
		}
	}
	for name := range listBounds {
		has("listBounds", name, kindOfField(kinds, name, reflect.Slice, reflect.Map))
	}
	for name := range textBounds {
		has("textBounds", name, kindOfField(kinds, name, reflect.String, reflect.Slice, reflect.Struct))
	}
	for name := range numberBounds {
		has("numberBounds", name, kindOfField(kinds, name, reflect.Int, reflect.Int64, reflect.Pointer, reflect.Map))
	}
	for _, table := range []map[string]bool{signed, unbounded} {
		for name := range table {
			has("signed or unbounded", name, kindOfField(kinds, name, reflect.Int, reflect.Int64, reflect.Pointer, reflect.Float64))
		}
	}
}

func kindOfField(kinds map[string]reflect.Type, name string, legal ...reflect.Kind) reflect.Kind {
	if typ := kinds[name]; typ != nil {
		for _, k := range legal {
			if typ.Kind() == k {
				return k
			}
		}
	}
	return reflect.Invalid
}

// Every file that can be read is written so that it reads back the same; every other file
// is refused with one short line.
func FuzzDecodeRun(f *testing.F) {
	f.Add([]byte(`{"version":1,"results":[{"outcomes":{"status":{"404":3}},"response":null}]}`))
	f.Add([]byte(`{"version":1,"started":"2026-01-02T03:04:05Z","profile":{"max_error_share":1e-2}}`))
	for name, c := range hostile(f) {
		if len(c[0]) < 100_000 && name != "dense histograms" { // legal with more room, and dear to write
			f.Add([]byte(c[0]))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := DecodeRun(b)
		if err != nil {
			if len(err.Error()) > 400 || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("a fault of %d bytes: %.400q", len(err.Error()), err)
			}
			return
		}
		var first, second bytes.Buffer
		if err := r.encode(&first); err != nil {
			t.Fatal(err)
		}
		again, err := DecodeRun(first.Bytes())
		if err != nil {
			t.Fatalf("%v, reading\n%s", err, first.Bytes())
		}
		if err := again.encode(&second); err != nil {
			t.Fatal(err)
		}
		if first.String() != second.String() {
			t.Errorf("first\n%s\nthen\n%s", first.Bytes(), second.Bytes())
		}
	})
}
