package profiles

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ancmbench"
)

// The profile that the README shows is one.
func TestReadmeProfileIsLegal(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	if len(blocks) == 0 {
		t.Fatal("README.md shows no profile")
	}
	for _, b := range blocks {
		if _, err := Parse("readme.yaml", b[1]); err != nil {
			t.Errorf("%v\nin\n%s", err, b[1])
		}
	}
}

// The package comment lists the keys that are read, all of them and no other. The
// reader says itself which those are, when it is given one that it does not know.
func TestTheManualListsEveryKey(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{} // first word of a line of the table: the rest, with what follows on
	last := ""
	for line := range strings.Lines(string(doc)) {
		line, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "//\t")
		if !ok {
			continue
		}
		if !strings.HasPrefix(line, " ") {
			last, line, _ = strings.Cut(line, " ")
		}
		listed[last] += " " + line
	}
	for _, c := range []struct{ what, text string }{
		{"", "?: 1"},
		{"workloads", "workloads: [{?: 1}]"},
		{"phases", "phases: [{?: 1}]"},
		{"arrivals", "phases: [{arrivals: {?: 1}}]"},
		{"dealing", "phases: [{dealing: {?: 1}}]"},
	} {
		_, err := Parse("x.yaml", []byte(strings.ReplaceAll(c.text, "?", "nothing-like-it")))
		legal := regexp.MustCompile(`nothing-like-it: unknown key.*legal: (.*)`).FindStringSubmatch(err.Error())
		if legal == nil {
			t.Fatalf("%s: gives %v", c.text, err)
		}
		for _, key := range strings.Split(legal[1], ", ") {
			described, isListed := listed[key]
			if c.what != "" {
				described = listed[c.what]
				isListed = slices.Contains(regexp.MustCompile(`[a-z-]+`).FindAllString(described, -1), key)
			}
			if !isListed || described == "" {
				t.Errorf("doc.go does not list %s %s", c.what, key)
			}
		}
	}
}

// A field of the noun that no key fills would be out of everybody's reach.
func TestEveryFieldHasAKey(t *testing.T) {
	p, err := Parse("full.yaml", []byte(full))
	if err != nil {
		t.Fatal(err)
	}
	filled := map[string]bool{}
	var walk func(v reflect.Value, path string)
	walk = func(v reflect.Value, path string) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				f := v.Type().Field(i)
				name := v.Type().Name() + "." + f.Name
				filled[name] = filled[name] || !v.Field(i).IsZero()
				walk(v.Field(i), path+"."+f.Name)
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i), path)
			}
		}
	}
	walk(reflect.ValueOf(p), "Profile")
	// Seeds come from the run's own, so that one number repeats all of it.
	for _, byRun := range []string{"Arrivals.Seed", "Dealing.Seed"} {
		delete(filled, byRun)
	}
	for name, ok := range filled {
		if !ok {
			t.Errorf("no key of a profile fills %s", name)
		}
	}
	if _, ok := filled[reflect.TypeFor[ancmbench.Phase]().Name()+".Duration"]; !ok {
		t.Error("the walk does not reach the phases")
	}
}
