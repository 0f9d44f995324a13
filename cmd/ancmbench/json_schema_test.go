package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/render"
)

var updateSchemas = flag.Bool("update", false, "write the schemas of --json anew")

// objectsOfJSON are what --json prints, by verb: an object that has its type. Verbs that print
// the same share a schema, which has the name of the first.
var objectsOfJSON = map[string]struct {
	object any
	lines  []string // that print one on a stored run; those of verbs that measure are below
}{
	"report":        {render.Document{}, []string{"report results/before --json", "report results/20260102-150405-curve --json"}},
	"compare":       {render.ComparisonDocument{}, []string{"compare results/before results/after --json", "compare results/before results/20260102-150405-curve results/x --json"}},
	"gate":          {gate.Verdict{}, []string{"gate --result=results/before --json", "gate --result=results/before --budget=p99<=1us --json"}},
	"export":        {render.LaunchDocument{}, []string{"export results/before --json"}},
	"predict":       {[]figures.Prediction{}, []string{"predict --app-time=3ms --at-rate=800 results/20260102-150405-curve --json", "predict --app-time=0ms --at-rate=500 results/20260102-150405-curve --json"}},
	"runs":          {runList{}, []string{"runs --json", "runs empty --json"}},
	"profiles":      {[]listedProfile{}, []string{"profiles --json"}},
	"profiles NAME": {listedProfile{}, []string{"profiles curve --json", "profiles quick --json"}},
	"doctor":        {diagnosis{}, []string{"doctor --watch=2s --json"}},
	"load":          {loadSummary{}, nil},
	"load --slo":    {foundRate{}, nil},
	"agents":        {dialledIn{}, []string{"agents --listen 127.0.0.1:0 --json"}},
	"selftest":      {selftestReport{}, nil},
	"calibrate":     {calibration{}, nil},
	"open":          {opened{}, []string{"open results/before --json"}},
}

// sameObject are verbs whose object has the schema of another.
var sameObject = map[string]string{"run": "report"}

// schemaOf makes the schema of an object from its types.
func schemaOf(t *testing.T, verb string, object any) []byte {
	t.Helper()
	r := &jsonschema.Reflector{
		Anonymous: true, AllowAdditionalProperties: true, // a reader must take fields that it does not know
		Mapper: func(typ reflect.Type) *jsonschema.Schema {
			switch typ {
			case reflect.TypeFor[ancmbench.Seconds]():
				return &jsonschema.Schema{Type: "number", Description: "seconds"}
			case reflect.TypeFor[ancmbench.Histogram]():
				return &jsonschema.Schema{Type: "string", ContentEncoding: "base64"}
			case reflect.TypeFor[time.Time]():
				return &jsonschema.Schema{Type: "string", Format: "date-time"}
			}
			return nil
		},
	}
	s := r.Reflect(object)
	s.Title = "What ancmbench " + verb + " --json prints"
	for name, fields := range canBeNull(reflect.TypeOf(object), map[reflect.Type]bool{}, map[string][]string{}) {
		def := s.Definitions[name]
		if def == nil || def.Properties == nil {
			continue
		}
		for _, field := range fields {
			if list, elements := strings.CutSuffix(field, "[]"); elements {
				if p, there := def.Properties.Get(list); there && p.Items != nil {
					p.Items = &jsonschema.Schema{AnyOf: []*jsonschema.Schema{p.Items, {Type: "null"}}}
				}
				continue
			}
			if p, there := def.Properties.Get(field); there {
				def.Properties.Set(field, &jsonschema.Schema{AnyOf: []*jsonschema.Schema{p, {Type: "null"}}})
			}
		}
	}
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

// canBeNull lists the fields, by the name of their type, that are always written and null when
// there is nothing: pointers, lists and maps. A name that ends in [] is a list whose elements
// may be null.
func canBeNull(typ reflect.Type, seen map[reflect.Type]bool, out map[string][]string) map[string][]string {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || seen[typ] {
		return out
	}
	seen[typ] = true
	for i := range typ.NumField() {
		f := typ.Field(i)
		if f.Anonymous { // its fields are those of this type
			inner := canBeNull(f.Type, map[reflect.Type]bool{}, map[string][]string{})
			e := f.Type
			if e.Kind() == reflect.Pointer {
				e = e.Elem()
			}
			out[typ.Name()] = append(out[typ.Name()], inner[e.Name()]...)
		}
		canBeNull(f.Type, seen, out)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Pointer {
			out[typ.Name()] = append(out[typ.Name()], name+"[]")
		}
		if kind := f.Type.Kind(); name != "" && name != "-" && !strings.Contains(options, "omitempty") && (kind == reflect.Pointer || kind == reflect.Slice || kind == reflect.Map) {
			out[typ.Name()] = append(out[typ.Name()], name)
		}
	}
	return out
}

func schemaPath(verb string) string {
	name := strings.ToLower(strings.NewReplacer(" --", "-", " ", "-").Replace(verb))
	return filepath.Join("..", "..", "schema", name+".schema.json")
}

func compiledSchema(t *testing.T, text []byte) *validator.Schema {
	t.Helper()
	doc, err := validator.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	if err := c.AddResource("x", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("x")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every verb with --json has its schema published, in step with the types.
func TestTheSchemasOfJSONAreInStep(t *testing.T) {
	for verb, o := range objectsOfJSON {
		want := schemaOf(t, verb, o.object)
		if *updateSchemas {
			if err := os.WriteFile(schemaPath(verb), want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(schemaPath(verb)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the types say (%v); run: go test ./cmd/ancmbench -run TestTheSchemasOfJSON -update", schemaPath(verb), err)
		}
	}
	for _, c := range everyCommand(t) {
		if verb, top := strings.CutPrefix(c.CommandPath(), "ancmbench "); top && c.Flags().Lookup("json") != nil && !strings.Contains(verb, " ") {
			if _, there := objectsOfJSON[verb]; !there && sameObject[verb] == "" {
				t.Errorf("%s --json has no schema", c.CommandPath())
			}
		}
	}
}

// What a verb prints with --json fits its schema, and nothing else does.
func TestWhatJSONPrintsFitsItsSchema(t *testing.T) {
	if underRace {
		t.Skip("skipped under the race detector: one goroutine draws and writes, ten times slower, and no race to find")
	}
	dir := manualFolder(t)
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	t.Setenv("BROWSER", "true")
	if err := os.Mkdir("empty", 0o755); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer server.Close()
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(time.Millisecond) }))
	defer slow.Close()
	if _, err := printed(t, "report results/before -q"); err != nil {
		t.Fatal(err)
	}
	for verb, o := range objectsOfJSON {
		lines := o.lines
		switch verb {
		case "load --slo":
			lines = []string{"load " + slow.URL + "/ -c1 -d 100ms --slo p50=100ms --json"}
		case "load":
			lines = []string{"load " + server.URL + "/ -c1 -n50 --json", "load " + server.URL + "/ -c1 -n50 --expect=404 --max-errors=100% --json"}
		}
		s := compiledSchema(t, schemaOf(t, verb, o.object))
		for _, line := range lines {
			out, _ := printed(t, line) // the code of a verdict is no matter here
			v, err := validator.UnmarshalJSON(bytes.NewReader(out))
			if err != nil {
				t.Errorf("%s prints no JSON: %v\n%.300s", line, err, out)
				continue
			}
			if err := s.Validate(v); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
		if err := s.Validate(map[string]any{"nothing": true}); err == nil {
			t.Errorf("the schema of %s accepts anything", verb)
		}
	}
}
