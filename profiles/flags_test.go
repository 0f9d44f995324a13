package profiles

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

func TestFaultsNameTheFlags(t *testing.T) {
	quick, err := Load("quick")
	if err != nil {
		t.Fatal(err)
	}
	before, _ := Load("quick")
	for _, c := range []struct {
		flags Flags
		want  []string
	}{
		{Flags{Rate: new(0.0)}, []string{"--rate: 0/s: a rate must be above 0/s"}},
		{Flags{Rate: new(-3.0)}, []string{"--rate: -3/s:"}},
		{Flags{Rate: new(math.NaN())}, []string{"--rate: NaN/s:"}},
		{Flags{Rate: new(math.Inf(1))}, []string{"--rate: +Inf/s:"}},
		{Flags{Connections: new(0)}, []string{"--connections: 0:"}},
		{Flags{Launches: new(0)}, []string{"--launches: 0:"}},
		{Flags{Duration: new(time.Duration(0))}, []string{"--duration (phases[2].duration): 0s: must be above 0"}},
		{Flags{Engine: new("wrk")}, []string{`--engine: unknown engine "wrk"`}},
		{Flags{Models: []ancmbench.Model{"iis"}}, []string{`--model: unknown model "iis"`}},
		{Flags{Rate: new(0.0), Launches: new(-1), Connections: new(1 << 30)},
			[]string{"--rate: 0/s", "--launches: -1:", "--connections: 1073741824:"}},
	} {
		_, err := c.flags.Apply(quick)
		var faults Faults
		if !errors.As(err, &faults) || len(faults) != len(c.want) {
			t.Errorf("%+v: gives %v, want %v", c.flags, err, c.want)
			continue
		}
		for i, f := range faults {
			if !strings.HasPrefix(f.Error(), c.want[i]) {
				t.Errorf("%+v: fault %d is %q, want %q", c.flags, i, f.Error(), c.want[i])
			}
		}
	}
	if !reflect.DeepEqual(quick, before) {
		t.Error("the caller's profile was changed")
	}
}

func TestFlagsChangeTheirValues(t *testing.T) {
	quick, err := Load("quick")
	if err != nil {
		t.Fatal(err)
	}
	same, err := Flags{}.Apply(quick)
	if err != nil || !reflect.DeepEqual(same, quick) {
		t.Errorf("no flag changed %+v (%v)", same, err)
	}
	quick.Phases[2].Arrivals.Rate = 7
	quick.Phases[3].Connections = 99
	p, err := Flags{Models: []ancmbench.Model{ancmbench.Direct}, Rate: new(20.0), Connections: new(3),
		Duration: new(4 * time.Second), Launches: new(2), Engine: new("wire")}.Apply(quick)
	if err != nil {
		t.Fatal(err)
	}
	want := quick
	want.Models, want.Rate, want.Connections, want.Launches, want.Engine = []ancmbench.Model{ancmbench.Direct}, 20, 3, 2, "wire"
	want.Phases = append([]ancmbench.Phase(nil), quick.Phases...)
	want.Phases[2].Arrivals.Rate, want.Phases[2].Duration = 0, ancmbench.Seconds(4*time.Second)
	want.Phases[3].Connections = 0
	if !reflect.DeepEqual(p, want) {
		t.Errorf("got\n%+v\nwant\n%+v", p, want)
	}
}

func TestParseRate(t *testing.T) {
	for text, want := range map[string]float64{"auto": 0, "1000/s": 1000, "0.5/s": 0.5, " 12 /s ": 12, "1e3/s": 1000} {
		if v, err := ParseRate(text); err != nil || v != want {
			t.Errorf("%q is %v, %v; want %v", text, v, err, want)
		}
	}
	for _, text := range []string{"", "1000", "/s", "0/s", "-1/s", "1/s/s", "0x10/s", "1_000/s", "inf/s", "1e9/s"} {
		if v, err := ParseRate(text); err == nil {
			t.Errorf("%q is taken as %v", text, v)
		}
	}
}
