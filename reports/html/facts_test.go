package html

import (
	"strings"
	"testing"

	"ancmbench/reports/internal/example"
)

// A fact that holds for all roles of all targets is said once, and one that holds for some
// names them.
func TestMissingIsSaidOnce(t *testing.T) {
	run := example.Models().Run()
	for i := range run.Results {
		for k := range run.Results[i].Usage {
			u := &run.Results[i].Usage[k]
			u.Unsupported = map[string]string{"system_calls": "system calls: the tracepoint cannot be read"}
			if u.Role == "app" {
				u.Unsupported["go_runtime"] = "not our program"
			}
		}
	}
	got := missingParts(run, analysis(t, run))
	if len(got) != 2 || got[0] != "system calls (the tracepoint cannot be read), for all roles" || got[1] != "go runtime (not our program), for out-of-process, app" {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// The figures of the first screen have their units and intervals, and say where no difference
// was detected.
func TestCards(t *testing.T) {
	run := example.Models().Run()
	cards := cardsOf(run, analysis(t, run))
	for i, want := range []Card{{Unit: "ms", Name: "added at the median"}, {Unit: "cores", Name: "added at 400\u00a0requests/s"}, {Unit: "MB", Name: "added per instance"}} {
		if c := cards[i]; c.Unit != want.Unit || c.Name != want.Name || !strings.HasPrefix(c.Value, "+") || !strings.HasPrefix(c.More, "95\u00a0%: +") {
			t.Errorf("%+v", c)
		}
	}
	same := example.Models()
	same.Arms[1] = same.Arms[0]
	same.Arms[1].Name = "copy"
	run = same.Run()
	if c := cardsOf(run, analysis(t, run))[0]; !strings.HasSuffix(c.More, "no difference detected") {
		t.Errorf("%+v", c)
	}
	for v, want := range map[float64]string{45.7e-6: "+0.046 ms", -2e-3: "-2.00 ms", 0.123: "+123 ms"} {
		if got := milliseconds(v); got != want {
			t.Errorf("%v s: %s, want %s", v, got, want)
		}
	}
}
