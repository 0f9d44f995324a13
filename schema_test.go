package ancmbench

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write schema/result.schema.json anew")

const schemaFile = "schema/result.schema.json"

// makeSchema makes the schema from the types, and reads comments and closed sets of words,
// which reflection cannot see, from their source.
func makeSchema(t *testing.T) []byte {
	t.Helper()
	sets := closedSets(t)
	r := &jsonschema.Reflector{
		Anonymous: true,
		// The version does not grow when a field is added, so a reader of this
		// version must take fields that it does not know.
		AllowAdditionalProperties: true,
		CommentMap:                comments(t),
		Mapper: func(typ reflect.Type) *jsonschema.Schema {
			switch typ {
			case reflect.TypeFor[Seconds]():
				return &jsonschema.Schema{Type: "number", Description: "seconds, with up to nine decimals"}
			case reflect.TypeFor[Histogram]():
				return &jsonschema.Schema{Type: "string", ContentEncoding: "base64",
					Description: "HdrHistogram V2, compressed; nanoseconds from 1 to 3.6e12 with 3 significant digits"}
			case reflect.TypeFor[time.Time]():
				return &jsonschema.Schema{Type: "string", Format: "date-time"}
			}
			if set := sets[typ.Name()]; typ.Kind() == reflect.String && len(set) > 0 {
				words := make([]any, len(set))
				for i, w := range set {
					words[i] = w
				}
				closed := &jsonschema.Schema{Type: "string", Enum: words}
				if typ == reflect.TypeFor[Subject]() { // one of them has the version of ASP.NET Core in it
					return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{closed, {Type: "string", Pattern: "^" + regexp.QuoteMeta(string(subjectDotnet))}}}
				}
				return closed
			}
			return nil
		},
	}
	s := r.Reflect(&Run{})
	s.Title = "Results file of ancmbench"
	if v, ok := s.Definitions["Run"].Properties.Get("version"); ok {
		v.Const = RunVersion
	}
	for name, def := range s.Definitions {
		allowNull(t, name, def)
	}
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

// allowNull lets a list or a histogram that is always written be null, as Go
// writes one that has nothing in it.
func allowNull(t *testing.T, name string, def *jsonschema.Schema) {
	if def.Properties == nil {
		return
	}
	for p := def.Properties.Oldest(); p != nil; p = p.Next() {
		always := slices.Contains(def.Required, p.Key)
		if always && (p.Value.Type == "array" || p.Value.ContentEncoding == "base64" && p.Value.Format == "") {
			was := *p.Value
			was.Description = ""
			*p.Value = jsonschema.Schema{Description: p.Value.Description, AnyOf: []*jsonschema.Schema{&was, {Type: "null"}}}
		}
	}
}

// comments maps "ancmbench.Type" and "ancmbench.Type.Field" to their comments.
func comments(t *testing.T) map[string]string {
	out := map[string]string{}
	put := func(key string, groups ...*ast.CommentGroup) {
		for _, g := range groups {
			if text := strings.Join(strings.Fields(g.Text()), " "); text != "" {
				out[key] = text
				return
			}
		}
	}
	for _, f := range source(t) {
		ast.Inspect(f, func(n ast.Node) bool {
			d, ok := n.(*ast.GenDecl)
			if !ok {
				return true
			}
			for _, s := range d.Specs {
				spec, ok := s.(*ast.TypeSpec)
				if !ok {
					continue
				}
				key := "ancmbench." + spec.Name.Name
				put(key, spec.Doc, d.Doc)
				st, ok := spec.Type.(*ast.StructType)
				if !ok {
					continue
				}
				for _, field := range st.Fields.List {
					for _, name := range field.Names {
						put(key+"."+name.Name, field.Doc, field.Comment)
					}
				}
			}
			return false
		})
	}
	return out
}

func TestSchemaIsInStep(t *testing.T) {
	want := makeSchema(t)
	if *update {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got := Schema(); !bytes.Equal(got, want) {
		line := 1
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				break
			}
			if got[i] == '\n' {
				line++
			}
		}
		t.Errorf("%s is not what the types say, from line %d on; run: go test . -run TestSchemaIsInStep -update", schemaFile, line)
	}
}

func compiled(t *testing.T) *validator.Schema {
	t.Helper()
	doc, err := validator.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	c.AssertFormat()
	c.AssertContent()
	if err := c.AddResource("result", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("result")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWrittenRunsFitTheSchema(t *testing.T) {
	s := compiled(t)
	for seed := range uint64(fewSeeds) {
		run := filled[Run](t, seed)
		run.Version = RunVersion
		if err := s.Validate(written(t, &run)); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	// As little as a run can hold: nothing is there, and nothing is invalid.
	least := Run{Version: RunVersion, Subject: SubjectServers, State: Running, Results: []Result{
		{PhaseKind: ColdStart, Arrivals: Arrivals{Kind: Closed}, Dealing: Dealing{Kind: Single}, Response: new(Histogram)}}}
	if err := s.Validate(written(t, &least)); err != nil {
		t.Errorf("an empty run: %v", err)
	}
	for _, subject := range []Subject{SubjectReference, SubjectProgram, SubjectBoth, SubjectIIS, DotnetSubject("10.0.12", "linux", true), DotnetSubject("", "plan9", false)} {
		least.Subject = subject
		if err := s.Validate(written(t, &least)); err != nil {
			t.Errorf("subject %q: %v", subject, err)
		}
	}
}

// written returns the results file as a generic JSON value.
func written(t *testing.T, r *Run) any {
	t.Helper()
	path := filepath.Join(t.TempDir(), ResultFile)
	if err := r.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	v, err := validator.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSchemaRefuses(t *testing.T) {
	s := compiled(t)
	sound := filled[Run](t, 1)
	sound.Version = RunVersion
	if err := s.Validate(written(t, &sound)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path  string
		value any // nil removes the key
	}{
		{"version", nil}, {"version", "1"}, {"version", 2}, {"started", "yesterday"}, {"state", "halfway"}, {"seed", 1.5},
		{"results.0.response", 3}, {"results.0.response", "no base64!"}, {"results.0.phase_kind", "lunch"},
		{"results.0.busy_seconds", "3s"}, {"results.0.busy_seconds", nil}, {"results.0.outcomes.status", []any{}},
		{"profile.phases.0.dealing.kind", "cards"}, {"host.cores", "two"}, {"targets.0.model", "iis"},
		{"warnings.0.code", "bad-mood"},
	} {
		doc := written(t, &sound)
		alter(t, doc, strings.Split(c.path, "."), c.value)
		if err := s.Validate(doc); err == nil {
			t.Errorf("%s = %v is taken", c.path, c.value)
		}
	}
}

func alter(t *testing.T, doc any, path []string, value any) {
	t.Helper()
	switch at := doc.(type) {
	case map[string]any:
		if _, ok := at[path[0]]; !ok {
			t.Fatalf("no %s in the file", path[0])
		}
		switch {
		case len(path) > 1:
			alter(t, at[path[0]], path[1:], value)
		case value == nil:
			delete(at, path[0])
		default:
			at[path[0]] = value
		}
	case []any:
		var i int
		if _, err := fmt.Sscan(path[0], &i); err != nil {
			t.Fatal(err)
		}
		alter(t, at[i], path[1:], value)
	}
}

// CI passes the file of a real run to this test.
func TestGivenFileFitsTheSchema(t *testing.T) {
	path := os.Getenv("ANCMBENCH_RESULT")
	if path == "" {
		t.Skip("no results file is given in ANCMBENCH_RESULT")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := validator.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled(t).Validate(doc); err != nil {
		t.Error(err)
	}
	r, err := ReadRun(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Results) == 0 || r.State != Complete {
		t.Errorf("%d results, %s", len(r.Results), r.State)
	}
}
