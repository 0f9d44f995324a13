package main

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ancmbench"
)

func loadJSON(t *testing.T, wantCode int, args ...string) map[string]any {
	t.Helper()
	c := exec.Command("ancmbench", append([]string{"load", "--json"}, args...)...)
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := c.Output()
	if code := c.ProcessState.ExitCode(); code != wantCode {
		t.Fatalf("exit code %d (%v), want %d: %s", code, err, wantCode, stderr.String())
	}
	var object map[string]any
	if err := json.Unmarshal(out, &object); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return object
}

func TestLoadJSON(t *testing.T) {
	var seen atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Add(1)
		body, _ := io.ReadAll(r.Body)
		if r.Method != "POST" || r.Header.Get("X-Test") != "yes" || string(body) != "hello" || r.URL.RawQuery != "q=1" {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	defer s.Close()
	o := loadJSON(t, 0, s.URL+"/?q=1", "-c", "2", "-d", "1", "-r", "300", "-m", "POST", "-H", "X-Test: yes", "--body", "hello")
	if n := o["requests"].(float64); n != 300 || int64(n) != seen.Load() {
		t.Errorf("%v requests, the server saw %d, and 300 were due", n, seen.Load())
	}
	for _, name := range []string{"response", "service", "lag"} {
		q := o[name].(map[string]any)
		for _, key := range []string{"p50", "p90", "max", "mean"} {
			if v, ok := q[key].(float64); !ok || v <= 0 || v > 10 {
				t.Errorf("%s.%s = %v, want seconds", name, key, q[key])
			}
		}
		for _, key := range []string{"p99", "p999"} {
			if v, present := q[key]; !present || v != nil {
				t.Errorf("%s.%s = %v of 300 requests, want null: fewer than 10 lie beyond it", name, key, v)
			}
		}
	}
}

func TestLoadCountsFailures(t *testing.T) {
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1)%10 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer s.Close()
	args := []string{s.URL, "-c", "1", "-d", "500ms", "-r", "200"}
	o := loadJSON(t, exitTool, args...)
	outcomes := o["outcomes"].(map[string]any)
	if failed := outcomes["status"].(map[string]any)["503"]; failed != 10.0 {
		t.Errorf("outcomes %v, want 10 of 100 with status 503", outcomes)
	}
	loadJSON(t, 0, append(args, "--max-errors", "10%")...)
	loadJSON(t, exitTool, append(args, "--max-errors", "9")...)
}

func TestLoadHgrmAndInterrupt(t *testing.T) {
	var seen atomic.Int64
	enough := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if seen.Add(1) == 100 {
			close(enough)
		}
	}))
	defer s.Close()
	path := filepath.Join(t.TempDir(), "out.hgrm")
	c := exec.Command("ancmbench", "load", s.URL, "-d", "1m", "-c", "2", "-R", "500", "--hgrm", path)
	var out, errs strings.Builder
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-enough:
	case <-time.After(50 * time.Second):
		t.Error("fewer than 100 requests in 50 s")
	}
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if code := c.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	if said := errs.String(); !strings.Contains(said, "interrupted after ") || strings.Contains(said, "--max-errors") {
		t.Errorf("Ctrl-C says %q: want that it was interrupted, and no failure of the server", said)
	}
	if !strings.Contains(out.String(), "response time") {
		t.Errorf("Ctrl-C gave no summary: %s", out.String())
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), "Percentile") {
		t.Errorf("no percentile distribution: %v %s", err, text)
	}
}

// A search is bounded where rates keep the SLO in a short window and break it in a long one:
// the steps down grow, so the floor is reached in few, and what is said of the answer is
// true of the rates that were tried. A fast server is not loaded for minutes at slow rates.
func TestSearchSLOIsBounded(t *testing.T) {
	for _, limit := range []float64{0, 30, 700, 2e6} { // the highest rate that a long window keeps
		loaded := time.Duration(0)
		s := &search{slo: slo{q: 0.99, bound: 5 * time.Millisecond, text: "p99=5ms"}, full: time.Second, tell: func(step) {}}
		full := map[float64]time.Duration{}
		s.try = func(rate float64, d time.Duration, _ uint64) (*ancmbench.Result, error) {
			took := time.Millisecond
			if full[rate] += d; rate > limit && (full[rate] > 3*time.Second || rate > 64_000) {
				took = 20 * time.Millisecond
			}
			loaded += d
			n := int64(rate*d.Seconds() + 0.5)
			res := &ancmbench.Result{Response: new(ancmbench.Histogram), Busy: ancmbench.Seconds(d)}
			res.Response.RecordN(took, n)
			res.Outcomes = ancmbench.Outcomes{Due: n, Sent: n, OK: n}
			return res, nil
		}
		got, err := s.run()
		if err != nil {
			t.Fatal(err)
		}
		if rates := len(full); rates > 45 || len(s.steps) > 75 {
			t.Errorf("limit %v: %d windows of %d rates", limit, len(s.steps), rates)
		}
		if limit > 1e6 && loaded > 20*time.Second {
			t.Errorf("a server that keeps every rate was loaded for %v", loaded)
		}
		for _, st := range s.steps {
			if !st.Kept && st.Rate > got && got > 0 && st.Rate < got*(1+s.gap(got))*0.999 {
				t.Errorf("limit %v: %v/s broke it, nearer to %v/s than the gap of %v", limit, st.Rate, got, s.gap(got))
			}
		}
	}
}

// TestSearchSLO lets the search look at a made-up server that keeps the SLO up
// to a rate, below where it starts, too, and at one that never does.
func TestSearchSLO(t *testing.T) {
	want := slo{q: 0.99, bound: 5 * time.Millisecond, text: "p99=5ms"}
	loaded := map[float64]time.Duration{}
	answer := func(limit float64) func(float64, time.Duration, uint64) (*ancmbench.Result, error) {
		return func(rate float64, d time.Duration, _ uint64) (*ancmbench.Result, error) {
			res := &ancmbench.Result{Response: new(ancmbench.Histogram), Busy: ancmbench.Seconds(d)}
			took := time.Millisecond
			if rate > limit {
				took = 20 * time.Millisecond
			}
			n := int64(rate*d.Seconds() + 0.5)
			res.Response.RecordN(took, n)
			res.Outcomes = ancmbench.Outcomes{Due: n, Sent: n, OK: n}
			loaded[rate] += d
			return res, nil
		}
	}
	for _, limit := range []float64{700, 70, 12, 0} {
		clear(loaded)
		s := &search{slo: want, full: 2 * time.Second, try: answer(limit), tell: func(step) {}}
		got, err := s.run()
		if err != nil {
			t.Fatal(err)
		}
		if got > limit || got < limit*(1-2*sloTolerance) {
			t.Errorf("limit %v: found %v", limit, got)
		}
		said := s.conclusion(got, s.full)
		if limit == 0 && said != "none of the rates tried, from 9.17 to 50 requests/s, meets p99=5ms on this server; no rate below 9.17/s is tried" {
			t.Errorf("it says %q", said)
		}
		for _, st := range s.steps {
			// The whole window of the lowest rate would take 2 minutes.
			if d := loaded[st.Rate]; !st.Kept && d > time.Duration(20/st.Rate*float64(time.Second)) {
				t.Errorf("limit %v: %v/s was broken, and loaded for %v", limit, st.Rate, d)
			}
		}
	}
}

func TestParsers(t *testing.T) {
	check := func(what string, got, want float64, err error) {
		t.Helper()
		if err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", what, got, err, want)
		}
	}
	for text, want := range map[string]float64{"500": 500, "2k": 2000, "1.5k/s": 1500, "600/m": 10, "1M": 1e6, "500/s": 500, "2k/m": 2000. / 60} {
		got, err := parseRate(text)
		check(text, got, want, err)
	}
	for _, bad := range []string{"", "0", "-1", "NaN", "fast", "2k/h", "1e12", "auto", "/s", "k"} {
		if _, err := parseRate(bad); err == nil {
			t.Errorf("rate %q was taken", bad)
		}
	}
	for text, want := range map[string]float64{"auto": 0, "500": 500, "2k": 2000, "600/m": 10} { // as run, gate and calibrate take it
		got, err := parseRateOrAuto(text)
		check(text, got, want, err)
	}
	if _, err := parseRateOrAuto("fast"); err == nil || !strings.HasSuffix(err.Error(), ", or auto") {
		t.Errorf("a rate that is none: %v", err)
	}
	for text, want := range map[string]time.Duration{"10": 10 * time.Second, "250ms": 250 * time.Millisecond} {
		got, err := parseSeconds("-d", text, time.Hour)
		check(text, float64(got), float64(want), err)
	}
	for text, want := range map[string]slo{"p99=5ms": {q: 0.99, bound: 5 * time.Millisecond, text: "p99=5ms"}} {
		if got, err := parseSLO(text); err != nil || got != want {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	for _, bad := range []string{"p99", "99=5ms", "p0=1ms", "p100=1ms", "p99=0"} {
		if _, err := parseSLO(bad); err == nil {
			t.Errorf("SLO %q was taken", bad)
		}
	}
}

// A server with a certificate of its own: refused without --cacert, spoken to with
// it, by HTTP/1.1 or HTTP/2; http:// with HTTP/2 is by prior knowledge.
func TestLoadTrustAndHTTP2(t *testing.T) {
	var protocol atomic.Value
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { protocol.Store(r.Proto) })
	secure := httptest.NewUnstartedServer(handler)
	secure.EnableHTTP2 = true
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	plain := httptest.NewUnstartedServer(handler)
	plain.Config.Protocols = new(http.Protocols)
	plain.Config.Protocols.SetUnencryptedHTTP2(true)
	plain.Start()
	defer plain.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	few := []string{"-c", "1", "-d", "0.2", "-r", "50"}
	if o := loadJSON(t, 1, append(few, secure.URL)...); o["outcomes"].(map[string]any)["ok"] == o["requests"] {
		t.Errorf("a certificate that nobody vouches for was believed: %v", o["outcomes"])
	}
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{secure.URL, "--cacert", ca}, "HTTP/1.1"},
		{[]string{secure.URL, "--cacert", ca, "--http2"}, "HTTP/2.0"},
		{[]string{plain.URL, "--http2"}, "HTTP/2.0"},
	} {
		loadJSON(t, 0, append(few, tc.args...)...)
		if got := protocol.Load(); got != tc.want {
			t.Errorf("%v: the server was spoken to by %v, want %s", tc.args, got, tc.want)
		}
	}
}

// A Host of the user's goes out as the request's one Host, by either engine.
func TestLoadHost(t *testing.T) {
	var wrong atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "shop.example:81" || r.Header.Get("X-Test") != "yes" {
			wrong.Add(1)
		}
	}))
	defer s.Close()
	engines := []string{"vegeta"}
	if runtime.GOOS == "linux" {
		engines = append(engines, "wire")
	}
	for _, engine := range engines {
		o := loadJSON(t, 0, s.URL, "--engine", engine, "-c", "1", "-d", "300ms", "-r", "100", "-H", "host: shop.example:81", "-H", "X-Test: yes")
		if n := o["requests"].(float64); n != 30 || wrong.Load() > 0 {
			t.Errorf("%s: %v requests, %d with another Host", engine, n, wrong.Load())
		}
		for _, c := range []struct{ field, want string }{
			{"Content-Length: 7", "-H, --header Content-Length: is set from --body and cannot be given"},
			{"transfer-encoding: chunked", "-H, --header transfer-encoding: is set from --body and cannot be given"},
			{"Host:", "-H, --header Host: needs a value"},
		} {
			text, _ := exec.Command("ancmbench", "load", s.URL, "--engine", engine, "-d", "100ms", "-H", c.field).CombinedOutput()
			if got := strings.TrimSpace(string(text)); got != "ancmbench: "+c.want {
				t.Errorf("%s, -H %q: %q, want %q", engine, c.field, got, c.want)
			}
		}
	}
}
