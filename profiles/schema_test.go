package profiles

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write docs/profiles.md and schema/profile.schema.json anew")

func compiled(t *testing.T) *validator.Schema {
	t.Helper()
	doc, err := validator.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	if err := c.AddResource("profile", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("profile")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON is the text of a profile as the validator of an editor sees it.
func asJSON(t *testing.T, text []byte) any {
	t.Helper()
	b, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	v, err := validator.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// An editor with the schema accepts every profile that the reader accepts.
func TestSchemaAcceptsLegalProfiles(t *testing.T) {
	s := compiled(t)
	texts := map[string][]byte{"full": []byte(full)}
	for _, name := range Names() {
		text, err := Source(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = text
	}
	const phases = "\nphases: [{kind: latency, duration: 1s}]\n"
	for i, head := range []string{"launches: '6'", "models: direct", "models: 'in-process,direct'", "rate: auto", "rate: 1e3/s", "twin: 'true'", "name: 5",
		"timeout: 1m30s", "description: 3.5", "connections: 8", "workloads: [{name: a, path: /, header: {X: 1, Y: true, Z: ''}}]",
		"workloads: [{name: a, path: /, expect: {status: 404}}]", "workloads: [{name: a, path: /, expect: {status: '404,2xx', body-size: 0B, body-contains: 5}}]",
		"workloads: [{name: a, requests: [{path: /, weight: '2'}, {path: /b, weight: 0.5}]}]"} {
		text := []byte(head + phases)
		if _, err := Parse("x.yaml", text); err != nil {
			t.Fatalf("%s: the reader does not accept it: %v", head, err)
		}
		texts[fmt.Sprint("own ", i)] = text
	}
	for name, text := range texts {
		if err := s.Validate(asJSON(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An editor marks the slips that the reader rejects.
func TestSchemaRejects(t *testing.T) {
	s := compiled(t)
	for _, text := range []string{
		"launchs: 3", "timeout: 10", "rate: 1000", "max-errors: 0.01", "twin: yes please", "engine: hyper", "launches: many", "workloads: {name: a}",
		"workloads: [{name: a, paths: /}]", "workloads: [{name: a, requests: [{paths: /}]}]", "phases: [{kind: lunch}]", "phases: [{kind: peak, dealings: slices}]",
		"phases: [{kind: peak, dealing: cards}]", "phases: [{kind: peak, arrivals: {kind: closed, thinks: 1s}}]", "phases: [{kind: peak, dealing: {slices: 1s}}]",
		"phases: [{arrivals: {steps: [{rates: 1/s}]}}]", "name: [a]", "name:",
	} {
		if _, err := Parse("x.yaml", []byte(text)); err == nil {
			t.Errorf("%s: the reader accepts it", text)
		}
		if err := s.Validate(asJSON(t, []byte(text))); err == nil {
			t.Errorf("%s: the schema accepts it", text)
		}
	}
}

// Every key that the reader knows is in the schema, and no other. The reader says which
// keys it knows when it meets one that it does not know.
func TestSchemaHasTheKeysOfTheReader(t *testing.T) {
	var doc map[string]any
	if err := json.Unmarshal(Schema(), &doc); err != nil {
		t.Fatal(err)
	}
	seen := 0
	var walk func(path, text string, node map[string]any)
	walk = func(path, text string, node map[string]any) {
		properties, isMapping := node["properties"].(map[string]any)
		if isMapping {
			seen++
			_, err := Parse("x.yaml", fmt.Appendf(nil, text, "{nothing-like-it: 1}"))
			if err == nil {
				t.Fatalf("%s: an unknown key is read", path)
			}
			legal := regexp.MustCompile(`nothing-like-it: unknown key.*legal: (.*)`).FindStringSubmatch(err.Error())
			if legal == nil {
				t.Fatalf("%s: %v", path, err)
			}
			var described []string
			for name := range properties {
				described = append(described, name)
			}
			slices.Sort(described)
			if read := strings.Split(legal[1], ", "); !slices.Equal(read, described) {
				t.Errorf("%s: the reader knows %v, the schema %v", path, read, described)
			}
			for name, below := range properties {
				walk(path+"."+name, fmt.Sprintf(text, "{"+name+": %s}"), below.(map[string]any))
			}
		}
		if items, ok := node["items"].(map[string]any); ok {
			walk(path, fmt.Sprintf(text, "[%s]"), items)
		}
		if either, ok := node["anyOf"].([]any); ok {
			for _, one := range either {
				walk(path, text, one.(map[string]any))
			}
		}
	}
	walk("profile", "%s", doc)
	if seen < 7 {
		t.Errorf("%d mappings were seen: the walk does not reach all of them", seen)
	}
}

const manualHead = "# Keys of a profile\n\n" +
	"A profile is a YAML file; `ancmbench profiles NAME` shows an embedded one to start from, and\n" +
	"`ancmbench profiles schema > profile.schema.json` writes a JSON Schema for editors. Durations, rates,\n" +
	"shares and sizes have their unit; a bare number in their place is a fault, as is an unknown key.\n\n" +
	"Flags win over the URL of a target, and that wins over the profile: see [requests.md](requests.md).\n\n" +
	"This file is written by `go test ./profiles -update`.\n"

// The manual and the schema in the tree are those of today's keys.
func TestManualIsInStep(t *testing.T) {
	for file, want := range map[string]string{"../docs/profiles.md": manualHead + Markdown(Manual()), "../schema/profile.schema.json": string(Schema())} {
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is not what the keys say; run: go test ./profiles -update", file)
		}
	}
}

// Every key is described, on the terminal as in the file.
func TestManualDescribesEveryKey(t *testing.T) {
	keys := 0
	text, markdown := Text(Manual()), Markdown(Manual())
	for _, s := range Manual() {
		for _, k := range s.Keys {
			keys++
			if k.Says == "" || k.Value == "" {
				t.Errorf("%s %s is not described: %+v", s.Title(), k.Name, k)
			}
			if !strings.Contains(text, "\n  "+k.Name+" ") || !strings.Contains(markdown, "| `"+k.Name+"` |") {
				t.Errorf("the manual lacks %s", k.Name)
			}
		}
	}
	if keys < 45 {
		t.Errorf("only %d keys", keys)
	}
}
