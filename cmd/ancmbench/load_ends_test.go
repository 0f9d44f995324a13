package main

import (
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/experiment"
)

// load runs the command, and gives its exit code, stdout and stderr.
func load(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	c := exec.Command("ancmbench", append([]string{"load"}, args...)...)
	var out, err strings.Builder
	c.Stdout, c.Stderr = &out, &err
	if fault := c.Run(); c.ProcessState == nil {
		t.Fatal(fault)
	}
	return c.ProcessState.ExitCode(), out.String(), err.String()
}

func holds(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s: no %q in %s", what, w, text)
		}
	}
}

// --slo fails as any load does where nothing can be answered, and says how.
func TestSLOFailsAsLoadDoes(t *testing.T) {
	missing := httptest.NewServer(http.NotFoundHandler())
	defer missing.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	for url, words := range map[string][]string{
		missing.URL:                      {"10 of 10 requests failed", "status 404 (10): --expect 2xx,404"},
		secure.URL:                       {"10 of 10 requests failed", "x509: certificate signed by unknown authority (10): --cacert FILE", "--insecure"},
		"http://" + gone.Addr().String(): {"requests failed", "connection refused ("},
	} {
		code, stdout, stderr := load(t, url, "--slo", "p99=5ms", "-d", "1s")
		if code != exitTool || strings.Contains(stdout, "keep") {
			t.Errorf("%s: exit code %d: %s", url, code, stdout)
		}
		holds(t, url, stderr, words...)
		code, stdout, stderr = load(t, url, "-n", "10", "-c", "1")
		if code != exitTool {
			t.Errorf("%s: exit code %d: %s", url, code, stdout)
		}
		holds(t, url, stderr, words...)
		holds(t, url, stdout, words[len(words)-1])
	}
	if code, _, stderr := load(t, secure.URL, "-n", "3", "--insecure", "--expect", "404"); code != exitOK {
		t.Errorf("--insecure: exit code %d, %s", code, stderr)
	}
}

// -n ends either loop after so many requests, of even and of random gaps.
func TestLoadRequests(t *testing.T) {
	var seen atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen.Add(1) }))
	defer s.Close()
	for _, args := range [][]string{{"-n", "37"}, {"-n", "37", "-r", "200"}, {"-n", "37", "-r", "333.3", "--poisson"}, {"-n", "37", "-d", "1m"},
		{"-n", "37", "--engine", "vegeta"}, {"-n", "37", "-r", "200", "--engine", "vegeta"}, {"-n", "0.037k", "-c", "50"}} {
		seen.Store(0)
		o := loadJSON(t, 0, append([]string{s.URL}, args...)...)
		if o["requests"] != 37.0 || seen.Load() != 37 {
			t.Errorf("%v: %v requests, the server saw %d", args, o["requests"], seen.Load())
		}
	}
}

// --expect widens what is right; both engines.
func TestLoadExpect(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }))
	defer s.Close()
	for _, engine := range []string{"auto", "vegeta"} {
		code, stdout, _ := load(t, s.URL, "-n", "5", "--engine", engine)
		if code != exitTool {
			t.Errorf("exit code %d", code)
		}
		holds(t, engine, stdout, "5 status 304", "status 304 (5): --expect 2xx,304 counts it as right")
		if code, stdout, stderr := load(t, s.URL, "-n", "5", "--engine", engine, "--expect", "2xx,304"); code != exitOK {
			t.Errorf("%s: exit code %d: %s %s", engine, code, stdout, stderr)
		}
	}
}

// A threshold is written as a budget is: kept gives 0, broken 99, and too few requests 4.
func TestLoadThreshold(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(time.Millisecond) }))
	defer s.Close()
	few := []string{s.URL, "-c", "2", "-n", "100"}
	for _, c := range []struct {
		thresholds []string
		code       int
		word       string
	}{
		{[]string{"p50 <= 20s", "throughput >= 0.1/s", "max ≤ 1000s", "service p75<=20s"}, exitOK, "kept, "},
		{[]string{"p50 <= 20s", "p75 <= 1us"}, exitRegression, "threshold p75 <= 1us: broken, "},
		{[]string{"throughput >= 1000000/s"}, exitRegression, "broken, "},
		{[]string{"p99 <= 20s"}, exitUndecided, "threshold p99 <= 20s: no decision"},
		{[]string{"p99 <= 20s", "mean <= 1us"}, exitRegression, "threshold mean <= 1us: broken"},
		{[]string{"p99 < 5ms"}, exitUsage, "no <= or >="},
		{[]string{"p98 <= 5ms"}, exitUsage, "the short names are p50, p75, p90, p95, p99, p99.9"},
		{[]string{"a p99 <= 5ms"}, exitUsage, "no metric before the sign"},
		{[]string{"p99 >= 5ms"}, exitUsage, "is written with <="},
		{[]string{"p99 <= 5"}, exitUsage, "has no unit"},
		{[]string{"p99 <= NaNs"}, exitUsage, "is no positive number"},
	} {
		args := slices.Clone(few)
		for _, text := range c.thresholds {
			args = append(args, "--threshold", text)
		}
		code, stdout, stderr := load(t, args...)
		if code != c.code {
			t.Errorf("%q: exit code %d, want %d: %s %s", c.thresholds, code, c.code, stdout, stderr)
		}
		holds(t, strings.Join(c.thresholds, ", "), stdout+stderr, c.word)
	}
	code, stdout, _ := load(t, append(few, "--json", "--threshold", "p75 <= 1us")...)
	var o struct {
		Thresholds []struct {
			Threshold string
			Value     float64
			Kept      bool
		}
	}
	if err := json.Unmarshal([]byte(stdout), &o); err != nil || code != exitRegression || len(o.Thresholds) != 1 || o.Thresholds[0].Kept || o.Thresholds[0].Value < 0.001 {
		t.Errorf("exit code %d, %v, %+v", code, err, o)
	}
}

// A closed loop shows no lag, and an open one no wait that nobody had; each shows where
// it went, its quantiles and how its response times are spread.
func TestLoadShows(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(time.Millisecond) }))
	defer s.Close()
	_, stdout, _ := load(t, s.URL, "-n", "50", "-c", "2", "-H", "Connection: close")
	holds(t, "closed loop", stdout, "closed loop, 2 connections to "+s.Listener.Addr().String(), "p50", "p75", "p95", "time to connect of ", "up to ", "#")
	if strings.Contains(stdout, "send lag") || strings.Contains(stdout, "wait for") {
		t.Errorf("a closed loop has no lag and no wait: %s", stdout)
	}
	_, stdout, _ = load(t, s.URL, "-n", "50", "-r", "500", "-c", "20")
	holds(t, "open loop", stdout, "send lag", "response times")
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(100 * time.Millisecond) }))
	defer slow.Close()
	_, stdout, _ = load(t, slow.URL, "-n", "40", "-r", "100", "-c", "2")
	holds(t, "too few connections", stdout, "wait for a connection of ", "connections busy, and there are 2", "raise --connections (-c in load)")
}

// The histogram counts every sample once, in ascending rows that have no gap.
func TestHistogramOf(t *testing.T) {
	h := &ancmbench.Histogram{}
	for d := 3 * time.Microsecond; d < 20*time.Second; d = d*13/10 + 1 {
		h.Record(d)
	}
	h.RecordN(40*time.Second, 7)
	var all int64
	last := 0.0
	rows := histogramOf(h)
	for _, r := range rows {
		if r.UpTo <= last {
			t.Errorf("%v after %v", r.UpTo, last)
		}
		last, all = r.UpTo, all+r.Count
	}
	if all != h.Count() || rows[0].UpTo != 5e-6 || last != 50 || rows[len(rows)-1].Count != 7 || len(rows) != 22 {
		t.Errorf("%d of %d in %d rows: %+v", all, h.Count(), len(rows), rows)
	}
}

// What RFC 3986 has no place for is percent-encoded, and a zone stays on this machine.
func TestLoadTarget(t *testing.T) {
	seen := make(chan *http.Request, 100)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r }))
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here:", err)
	}
	s.Listener.Close()
	s.Listener = l
	s.Start()
	defer s.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, engine := range []string{"auto", "vegeta"} {
		for _, host := range []string{"[::1]", "[::1%25lo]"} {
			code, stdout, stderr := load(t, "http://"+host+":"+port+"/é/%2F?q=ü|", "-n", "1", "--engine", engine)
			if code != exitOK {
				t.Fatalf("%s, %s: exit code %d: %s %s", engine, host, code, stdout, stderr)
			}
			if r := <-seen; r.RequestURI != "/%C3%A9/%2F?q=%C3%BC%7C" || r.Host != "[::1]:"+port {
				t.Errorf("%s, %s: target %q, Host %q", engine, host, r.RequestURI, r.Host)
			}
		}
	}
}

// run and load speak to one address of a name, say which, and keep the name in Host.
func TestAddressInUse(t *testing.T) {
	hosts := make(chan string, 10)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { hosts <- r.Host }))
	defer s.Close()
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	servers, err := flagServers([]string{"a=http://localhost:" + port + "/", "b=" + s.URL}, true)
	if err != nil {
		t.Fatal(err)
	}
	targets, err := specsOf(servers)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	if err := answering(t.Context(), &said, &experiment.Config{Targets: targets}); err != nil {
		t.Fatal(err)
	}
	if want := "a: localhost:" + port + " is reached at 127.0.0.1:" + port + "\n"; said.String() != want {
		t.Errorf("it says %q, want %q", said.String(), want)
	}
	if a := targets[0].Target; a.Address != "127.0.0.1:"+port || <-hosts != "localhost:"+port {
		t.Errorf("%+v", a)
	}
	<-hosts
	_, stdout, _ := load(t, "http://localhost:"+port, "-n", "1")
	holds(t, "load", stdout, "connections to 127.0.0.1:"+port+",")
	if h := <-hosts; h != "localhost:"+port {
		t.Errorf("Host is %q", h)
	}
}
