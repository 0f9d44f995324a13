package figures

import (
	"math"
	"strings"
	"testing"

	"ancmbench/reports/internal/example"
)

func TestMemoryOfAThousandConnections(t *testing.T) {
	a := analysed(t, example.Killed())
	for _, target := range []string{"in-process", "out-of-process"} {
		if s, ok := a.SeriesOf(perThousand.Name, target); !ok || len(s.Values) != 6 || math.Abs(s.Center.Value-5e6) > 1 {
			t.Errorf("%s: %+v", target, s)
		}
	}
	s := statement(t, a, perThousand.Name, "out-of-process")
	if s.Launches != 6 || math.Abs(s.Difference.Value) > 1 {
		t.Errorf("%+v", s)
	}
	// The same of private memory and by role, where a role of one side stands alone.
	for name, want := range map[string]float64{"uss": 4e6, "worker": 5e6, "app": 0, "worker_uss": 4e6, "app_uss": 0} {
		per := statement(t, a, "memory_per_1000_connections_"+name+"_bytes", "out-of-process")
		if per.Other == nil || math.Abs(per.Other.Value-want) > 1 {
			t.Errorf("%s: %+v, want %v", name, per.Other, want)
		}
		if alone := strings.HasPrefix(name, "app"); alone != (per.Base == nil) || alone != (per.Note != "") || alone != (per.Launches == 0) {
			t.Errorf("%s: base %+v, note %q, %d launches", name, per.Base, per.Note, per.Launches)
		}
	}
	if first := statement(t, a, "memory_loaded_bytes", "out-of-process"); first.Phase != "memory" {
		t.Errorf("the headline's memory is that of %s", first.Phase)
	}
	if _, ok := analysed(t, example.Models().Run()).Statement(perThousand.Name, "out-of-process"); ok {
		t.Error("one memory phase says what connections cost")
	}
}
