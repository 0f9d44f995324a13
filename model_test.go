package ancmbench

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseModels(t *testing.T) {
	both := []Model{InProcess, OutOfProcess}
	for list, want := range map[string][]Model{
		"both": both, "in-process,out-of-process": both, " InProcess , OUTOFPROCESS ": both, "BOTH,both,in-process": both,
		"all": Models, "direct,all": Models, "all,direct": Models,
		"out-of-process,in-process": {OutOfProcess, InProcess}, "relay": {Relay},
		"out-of-process,both": {OutOfProcess, InProcess},
	} {
		if got, err := ParseModels(list); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q is %v (%v), want %v", list, got, err, want)
		}
	}
	for _, m := range Models {
		if got, err := ParseModels(string(m)); err != nil || !reflect.DeepEqual(got, []Model{m}) {
			t.Errorf("%q is %v, %v", m, got, err)
		}
	}
	for _, list := range []string{"", " ", ",", "both,", "iis", "in process", "both;direct", "in-process\n,x"} {
		got, err := ParseModels(list)
		if err == nil {
			t.Errorf("%q is taken as %v", list, got)
			continue
		}
		for _, m := range append([]Model{"both", "all"}, Models...) {
			if !strings.Contains(err.Error(), string(m)) {
				t.Errorf("%q: the error does not name %s: %v", list, m, err)
			}
		}
	}
}

// "all" must not hand out the list itself, which a caller could then sort.
func TestParseModelsGivesACopy(t *testing.T) {
	got, err := ParseModels("all")
	if err != nil {
		t.Fatal(err)
	}
	got[0] = "changed"
	if Models[0] != Direct {
		t.Error("the package's own list was changed")
	}
}

// Models must be complete, because a model that is not in it cannot be selected.
func TestEveryModelIsListed(t *testing.T) {
	set := closedSets(t)["Model"]
	if len(set) != len(Models) {
		t.Fatalf("%d constants and %d models", len(set), len(Models))
	}
	for i, m := range Models {
		if !reflect.DeepEqual(Model(set[i]), m) && !strings.Contains(strings.Join(set, " "), string(m)) {
			t.Errorf("%s is no constant", m)
		}
	}
}

// Every model has its facts, and they do not contradict one another.
func TestFactsOfModels(t *testing.T) {
	for _, m := range Models {
		if _, ok := factsOf[m]; !ok {
			t.Errorf("nothing is known of %s", m)
		}
		if n := map[bool]int{true: 1}; n[m.Proxy()]+n[m.HostsApp()]+n[m.Forwards()] != 1 {
			t.Errorf("%s: proxy %v, hosts the app %v, forwards %v: one of them", m, m.Proxy(), m.HostsApp(), m.Forwards())
		}
		if m.Proxy() && (m.HasPipeline() || m.HasFronts()) {
			t.Errorf("%s is a proxy of the machine's, and has a pipeline or fronts of ours", m)
		}
	}
	if len(factsOf) != len(Models) {
		t.Errorf("facts of %d models, and there are %d", len(factsOf), len(Models))
	}
	for m, want := range map[Model][4]bool{ // hosts the app, forwards, pipeline, fronts
		Direct: {true, false, false, true}, InProcess: {true, false, true, true}, Relay: {false, true, false, false},
		OutOfProcess: {false, true, true, true}, Nginx: {}, "iis": {},
	} {
		if got := [4]bool{m.HostsApp(), m.Forwards(), m.HasPipeline(), m.HasFronts()}; got != want {
			t.Errorf("%s: %v, want %v", m, got, want)
		}
	}
}
