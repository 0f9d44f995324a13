package render

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

// The processes that were counted are in the page, and on the screen with -v; files of older
// versions have none.
func TestProcessesAreListed(t *testing.T) {
	run := example.Models().Run()
	run.Targets[1].Processes = []ancmbench.Process{
		{PID: 812, Name: "nginx", Role: ancmbench.RoleServer, Why: "listens on 127.0.0.1:8080"},
		{PID: 813, Name: "<b>", Role: ancmbench.RoleUpstream, Why: "child of 812"},
	}
	check := func(where, text string, shown bool, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if strings.Contains(text, want) != shown {
				t.Errorf("%s: %q is there: %v, want %v", where, want, !shown, shown)
			}
		}
	}
	check("-v", screen(t, run, page.Options{Verbose: true, Width: 100}), true, "processes counted", "812", "listens on 127.0.0.1:8080", "child of 812")
	check("the usual screen", screen(t, run, page.Options{Width: 100}), false, "processes counted", "listens on")
	html := func() string {
		var b bytes.Buffer
		if err := HTML(&b, run, analysed(t, run)); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	check("the page", html(), true, `id="processes"`, "listens on 127.0.0.1:8080", "&lt;b&gt;")
	for i := range 50 {
		run.Targets[1].Processes = append(run.Targets[1].Processes, ancmbench.Process{PID: 1000 + i, Name: "worker", Role: "server", Why: "child of 812"})
	}
	check("many", html(), true, "more, in the results file")
	run.Targets[1].Processes = nil
	check("none", screen(t, run, page.Options{Verbose: true, Width: 100})+html(), false, "processes counted", `id="processes"`)
}

// Where two targets run the same program, private memory stands beside PSS.
func TestPrivateMemoryBesideSharedPages(t *testing.T) {
	run := example.Models().Run()
	if text := screen(t, run, page.Options{Width: 100}); strings.Contains(text, "USS") {
		t.Errorf("USS without a reason:\n%s", text)
	}
	run.Warnings = append(run.Warnings, ancmbench.Warning{Code: ancmbench.WarnSharedPages, Detail: "in-process and out-of-process"})
	text := screen(t, run, page.Options{Width: 100})
	if !strings.Contains(text, "memory loaded (USS)") || !strings.Contains(text, "in-process and out-of-process run the same program file") {
		t.Errorf("no USS, or no word about it:\n%s", text)
	}
}

// A cost that is not whole is not shown, and the note says why.
func TestIncompleteCostsSayWhy(t *testing.T) {
	const why = "requests went on to 127.0.0.1:3000, and the server's processes belong to another user"
	run := example.Models().Run()
	for launch := range 2 { // of some fresh starts, then of all
		for i := range run.Results {
			r := &run.Results[i]
			if r.Target != run.Targets[1].Name || launch == 0 && r.Launch != 0 {
				continue
			}
			for k := range r.Usage {
				if u := &r.Usage[k]; u.Role == ancmbench.RoleApp {
					u.CPU, u.Loaded, u.Unsupported = nil, nil, map[string]string{"cpu": why, "memory_loaded": why}
				}
			}
		}
		text := strings.Join(strings.Fields(screen(t, run, page.Options{Width: 100})), " ")
		want := "CPU per request: not measured in 1 of 6 fresh starts: out-of-process, app: " + why
		if launch == 1 {
			want = "CPU per request: not measured: out-of-process, app: " + why
		}
		if !strings.Contains(text, want) {
			t.Errorf("the screen lacks %q:\n%s", want, text)
		}
		st := statement(t, analysed(t, run), ancmbench.CPUPerRequest, "out-of-process")
		if launch == 1 && (st.Ratio != nil || st.Other != nil) {
			t.Errorf("a partial sum is shown: %s", fmt.Sprint(st.Other))
		}
	}
}
