package ancmbench

import (
	"encoding/json"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// How many differently filled values each law is tried on; those that hold a dozen
// histograms are few, since the race detector makes each one slow.
const (
	seeds    = 12
	fewSeeds = 3
)

// back sends a value through JSON, as the results file and an engine in another
// process do.
func back[T any](t *testing.T, v T) T {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out T
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatalf("%v, reading\n%s", err, b)
	}
	return out
}

func survives[T any](t *testing.T, n int) {
	t.Run(reflect.TypeFor[T]().Name(), func(t *testing.T) {
		for seed := range uint64(n) {
			in := filled[T](t, seed)
			if lost := difference(in, back(t, in)); lost != "" {
				t.Fatalf("seed %d: %s", seed, lost)
			}
		}
		var zero T
		if lost := difference(zero, back(t, zero)); lost != "" {
			t.Error("zero: ", lost)
		}
	})
}

func TestTypesSurviveARoundTrip(t *testing.T) {
	survives[Workload](t, seeds)
	survives[Target](t, seeds)
	survives[Arrivals](t, seeds)
	survives[Dealing](t, seeds)
	survives[Phase](t, seeds)
	survives[Trial](t, seeds)
	survives[Load](t, seeds)
	survives[Profile](t, seeds)
	survives[Histogram](t, seeds)
	survives[RoleUsage](t, seeds)
	survives[Host](t, seeds)
	survives[Result](t, fewSeeds)
	survives[Run](t, fewSeeds)
}

func TestRunSurvivesItsFile(t *testing.T) {
	for seed := range uint64(fewSeeds) {
		in := filled[Run](t, seed)
		in.Version = RunVersion
		dir := t.TempDir()
		path := filepath.Join(dir, ResultFile)
		if err := in.WriteFile(path); err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{path, dir} {
			out, err := ReadRun(from)
			if err != nil {
				t.Fatal(err)
			}
			if lost := difference(in, *out); lost != "" {
				t.Fatalf("seed %d: %s", seed, lost)
			}
		}
	}
}

// A field without a name of its own in the file would be renamed with the Go
// field; a time or a size without its unit would be misread.
func TestEveryFieldHasANameWithItsUnit(t *testing.T) {
	named := 0
	var walk func(reflect.Type, string)
	seen := map[reflect.Type]bool{}
	walk = func(typ reflect.Type, path string) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(typ.Elem(), path)
			return
		case reflect.Struct:
		default:
			return
		}
		if seen[typ] || typ.PkgPath() != reflect.TypeFor[Run]().PkgPath() || typ == reflect.TypeFor[Histogram]() {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			f := typ.Field(i)
			at := path + "." + f.Name
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			named++
			if name == "" || name == "-" || name != strings.ToLower(name) {
				t.Errorf("%s has the name %q in the results file", at, name)
			}
			elem := f.Type
			for elem.Kind() == reflect.Slice || elem.Kind() == reflect.Pointer {
				elem = elem.Elem()
			}
			if elem == reflect.TypeFor[Seconds]() != strings.HasSuffix(name, "seconds") {
				t.Errorf("%s is a %s and is named %q in the results file", at, f.Type, name)
			}
			walk(f.Type, at)
		}
	}
	walk(reflect.TypeFor[Run](), "Run")
	walk(reflect.TypeFor[Load](), "Load")
	if named < 150 {
		t.Errorf("saw %d fields, and there are more than 150", named)
	}
}

func TestInfinityAndNaNAreWritten(t *testing.T) {
	for _, c := range []struct {
		in, want Check
		ok       bool
	}{
		{Check{Name: "x", Value: math.Inf(1), Bound: 3}, Check{Name: "x", Value: math.MaxFloat64, Bound: 3}, false},
		{Check{Name: "x", Value: math.Inf(-1), Bound: 3}, Check{Name: "x", Value: -math.MaxFloat64, Bound: 3}, true},
		{Check{Name: "x", Value: 3, Bound: math.Inf(1)}, Check{Name: "x", Value: 3, Bound: math.MaxFloat64}, true},
		{Check{Name: "x", Value: math.NaN(), Bound: 3}, Check{Name: "x", Bound: 3, Unsupported: "not a number"}, true},
		{Check{Name: "x", Value: math.NaN(), Unsupported: "no clock"}, Check{Name: "x", Unsupported: "no clock"}, true},
	} {
		out := back(t, c.in)
		if out != c.want || out.OK() != c.ok {
			t.Errorf("%+v came out as %+v (OK %v), want %+v (OK %v)", c.in, out, out.OK(), c.want, c.ok)
		}
	}
	w := back(t, Warning{Code: WarnNotWarm, Value: math.Inf(1), Bound: math.NaN()})
	if want := (Warning{Code: WarnNotWarm, Value: math.MaxFloat64}); w != want {
		t.Errorf("the warning came out as %+v, want %+v", w, want)
	}
	r := Run{Version: RunVersion, Results: []Result{{Checks: []Check{{Value: math.NaN()}}, Warnings: []Warning{{Value: math.Inf(1)}}}}}
	if err := r.WriteFile(filepath.Join(t.TempDir(), ResultFile)); err != nil {
		t.Errorf("one odd number costs the whole file: %v", err)
	}
}
