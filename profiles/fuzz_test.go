package profiles

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"ancmbench"
)

// For any text, the reader returns either a profile that keeps the rules and
// survives the results file, or faults with a line of the text.
func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		text, err := Source(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(full))
	f.Add([]byte("a: &x [*x, {<<: *x}]\n--- !!map\n? [k]\n: |2-\n  v\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Parse("fuzz.yaml", text)
		if err != nil {
			var faults Faults
			if !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("an error that is no list of faults: %v", err)
			}
			lines := 1
			for i, b := range text { // YAML ends a line with LF, CR LF or CR
				if b == '\n' || b == '\r' && (i+1 == len(text) || text[i+1] != '\n') {
					lines++
				}
			}
			for i, fault := range faults {
				if fault.Line < 1 || fault.Line > lines+1 || fault.Problem == "" {
					t.Errorf("fault %d of a text of %d lines: %+v", i, lines, fault)
				}
				if i > 0 && fault.Line < faults[i-1].Line {
					t.Errorf("faults out of order: %v", err)
				}
			}
			return
		}
		if err := Validate(p); err != nil {
			t.Fatalf("a profile that breaks the rules was taken: %v", err)
		}
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var back ancmbench.Profile
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		if again, _ := json.Marshal(back); string(again) != string(b) {
			t.Fatalf("does not survive:\n%s\n%s", b, again)
		}
		if !reflect.DeepEqual(p.Phases, back.Phases) {
			t.Fatalf("phases do not survive:\n%+v\n%+v", p.Phases, back.Phases)
		}
	})
}
