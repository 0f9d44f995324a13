package profiles

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"ancmbench"
)

// The profiles that the manuals show are legal.
func TestManualsShowLegalProfiles(t *testing.T) {
	for _, file := range []string{"../README.md", "../docs/servers.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
		if len(blocks) == 0 {
			t.Fatalf("%s shows no profile", file)
		}
		for _, b := range blocks {
			if _, err := Parse("manual.yaml", b[1]); err != nil {
				t.Errorf("%s: %v\nin\n%s", file, err, b[1])
			}
		}
	}
}

// A field of the noun that no key fills would be out of everybody's reach.
func TestEveryFieldHasAKey(t *testing.T) {
	text := strings.Replace(full, "workloads:\n", "workloads:\n  - {name: rows, path: '/{{id}}', vars: v.csv, vars-order: random}\n", 1)
	open := func(string, int64) ([]byte, error) { return []byte("id\n1\n"), nil }
	p, err := Loader{}.parse("full.yaml", ".", []byte(text), open)
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
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem(), path)
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i), path)
			}
		}
	}
	walk(reflect.ValueOf(p), "Profile")
	// Seeds come from the run's own, so that one number repeats all of it.
	// One status is a list of one.
	for _, byRun := range []string{"Arrivals.Seed", "Dealing.Seed", "Expect.Status"} {
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
