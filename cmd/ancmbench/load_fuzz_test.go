package main

import (
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// FuzzLoadNumbers: whatever is typed for a number is refused in words, or is finite and in
// range, and makes a load that can be planned.
func FuzzLoadNumbers(f *testing.F) {
	for _, s := range []string{"1", "0", "-1", "NaN", "Inf", "-Inf", "+Inf", "infk", "1e300", "1e-300", "9e18", "9223372036854775808", "0x1p-3", "1_000",
		"2500000h", "1ns", "k", "M", "/s", "5/m", "1e5", "0.5", "NaN%", "Inf%", "100%", "101%", "1e1%", " 1", "٣"} {
		f.Add(s, s, s, s, s, s, false)
	}
	f.Add("10", "10s", "500", "", "10s", "", true)
	f.Add("10", "2500000h", "", "", "2500000h", "1%", false)
	f.Add("10", "10s", "5", "7", "10s", "1%", true)
	f.Fuzz(func(t *testing.T, connections, duration, rate, requests, timeout, most string, poisson bool) {
		flags := &loadFlags{connections: connections, duration: duration, rate: rate, requests: requests, timeout: timeout, poisson: poisson, stopAtErrors: "50%"}
		if allowed, err := parseMaxErrors(most); err == nil && !(allowed.share >= 0 && allowed.share <= 1 && allowed.count >= 0) {
			t.Errorf("--max-errors %q is %+v", most, allowed)
		}
		load, err := loadOf(flags, "http://127.0.0.1:1/")
		if err != nil {
			return
		}
		a := load.Arrivals
		if math.IsNaN(a.Rate) || math.IsInf(a.Rate, 0) || a.Rate < 0 || load.Duration <= 0 || load.Timeout <= 0 || load.Connections < 1 {
			t.Fatalf("%+v", load)
		}
		if a.Rate*load.Duration.Float() > 1e6 { // it would take its time
			return
		}
		if plan, err := loadgen.NewPlan(load); err == nil {
			loadgen.NewRecorder(plan, 0)
			if flags.requests != "" && a.Open() {
				if n, _ := parseCount("-n", flags.requests, mostRequests); plan.Total() != uint64(n) {
					t.Errorf("-n %s -r %s, poisson %v: %d requests fall due", requests, rate, poisson, plan.Total())
				}
			}
		}
	})
}

// FuzzURL: a URL is refused, or becomes a target that any engine can be given; and what
// is sent means what net/http would send.
func FuzzURL(f *testing.F) {
	for _, s := range []string{"http://127.0.0.1:8080/", "http://h/é?q=ü", "http://h/%2F/é", "https://[::1%25lo]:443/x", "http://h?x", "http://h/#f", "http://h/{a}|b", "http://h:99999/",
		"http://h/%zz", "http://é/", "http://u:p@h/", "http://h/a b", "http:///x", "http://h/?a#b", "HTTP://H/", "http://h//x", "http://h/;a=b?c;d", "http://h:0/", "http://h:/x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		target, err := parseURL(raw)
		if err != nil {
			return
		}
		target.Name = "a"
		load := ancmbench.Load{Arrivals: ancmbench.Arrivals{Kind: ancmbench.Closed}, Dealing: ancmbench.Dealing{Kind: ancmbench.Single},
			Duration: ancmbench.Seconds(time.Second), Connections: 1, Targets: []ancmbench.Target{target}}
		if _, err := loadgen.NewPlan(load); err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		path := target.Workload.Requests[0].Path
		if loadgen.EscapePath(path) != path || strings.ContainsFunc(loadgen.HostField(target), func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("%q: path %q, Host %q", raw, path, loadgen.HostField(target))
		}
		request, err := http.NewRequest("GET", raw, nil)
		if err != nil {
			return
		}
		got, err := url.ParseRequestURI(path)
		if err != nil {
			return // a bare percent sign in a query stays as it was typed
		}
		if got.Path != request.URL.Path && !(got.Path == "/" && request.URL.Path == "") {
			t.Errorf("%q: path %q, and net/http means %q", raw, got.Path, request.URL.Path)
		}
	})
}
