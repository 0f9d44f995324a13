package main

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ancmbench"
)

// skipRaced leaves out under the race detector what it checks elsewhere: here other
// programs answer, and the engines have tests of their own.
func skipRaced(t *testing.T) {
	t.Helper()
	if underRace {
		t.Skip("skipped: runs without the race detector")
	}
}

// counting is a server that notes what it was asked, and when.
type counting struct {
	*httptest.Server
	mu     sync.Mutex
	seen   map[string]int
	at     []time.Time
	failed time.Time // when it first answered with another status than 200
	after  int       // requests from then on
}

// newCounting starts a server that answers a request with answer's status and body.
func newCounting(t *testing.T, answer func(n int, r *http.Request) (int, string)) *counting {
	t.Helper()
	c := &counting{seen: map[string]int{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.mu.Lock()
		c.seen[strings.TrimSpace(strings.Join([]string{r.Method, r.RequestURI, r.Header.Get("X-Who"), string(body)}, " "))]++
		c.at = append(c.at, time.Now())
		status, text := answer(len(c.at), r)
		if status != http.StatusOK && c.failed.IsZero() {
			c.failed = time.Now()
		}
		if !c.failed.IsZero() {
			c.after++
		}
		c.mu.Unlock()
		w.WriteHeader(status)
		io.WriteString(w, text)
	}))
	t.Cleanup(c.Close)
	return c
}

func same(int, *http.Request) (int, string) { return http.StatusOK, "the same" }

// asked returns what the server was asked, without the counts.
func (c *counting) asked() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for what := range c.seen {
		out = append(out, what)
	}
	slices.Sort(out)
	return out
}

func (c *counting) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.at)
}

// short are the phases of a run that only has to be one.
const short = `
launches: 1
phases:
  - {kind: warm-up, duration: 100ms}
  - {kind: latency, duration: 300ms}
`

// ranOn runs the command with a profile of that text, in a folder with the files, and
// returns what it said and its run; nil if there is none.
func ranOn(t *testing.T, profile string, files map[string]string, args ...string) (code int, said string, run *ancmbench.Run) {
	t.Helper()
	c := command(t, newMark(t), append([]string{"run", "--out=out"}, args...)...)
	if profile != "" {
		c.Args = append(c.Args, "--profile=p.yaml")
		files = map[string]string{"p.yaml": profile, "u.csv": files["u.csv"], "head": files["head"]}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(c.Dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_ = c.Run()
	stdout, stderr := output(c)
	run, _ = ancmbench.ReadRun(filepath.Join(c.Dir, "out"))
	return c.ProcessState.ExitCode(), stdout + stderr, run
}

// tooBusy reports whether a run is invalid because the machine was too busy to reach its
// rate: what its servers were asked can still be looked at.
func tooBusy(code int, said string) bool {
	return code == exitInvalid && strings.Contains(said, "the run is invalid: ") && strings.Contains(strings.ToLower(said), "rate")
}

// The requests of a profile go to servers of the user's; a flag wins over the path of a
// URL, and that over the profile.
func TestTargetsAreAskedWhatTheProfileSays(t *testing.T) {
	t.Parallel()
	const profile = `
workloads:
  - {name: post, path: "/items/{{id}}", method: POST, header: {X-Who: me, X-Other: y}, body: "<{{id}}>", vars: u.csv}
` + short
	csv := map[string]string{"u.csv": "id\n1\n2\n", "head": "X-Who: from a file\n"}
	for _, c := range []struct {
		name, path string
		flags      []string
		want       []string
	}{
		{"profile", "/", nil, []string{"POST /items/1 me <1>", "POST /items/2 me <2>"}},
		{"URL over profile", "/url?q=1", nil, []string{"POST /url?q=1 me <1>", "POST /url?q=1 me <2>"}},
		{"flags over URL", "/url", []string{"--path=/flag", "--method=PUT", "-H", "@head", "--body=b"}, []string{"PUT /flag from a file b"}},
		{"requests over all", "/", []string{"--request=GET /a 3", "--request=POST /b", "--body=x"}, []string{"GET /a", "POST /b  x"}},
	} {
		a, b := newCounting(t, same), newCounting(t, same)
		code, said, run := ranOn(t, profile, csv, append([]string{"--rate=200", "--target", "a=" + a.URL + c.path, "--target", "b=" + b.URL + c.path}, c.flags...)...)
		if code != exitOK && !tooBusy(code, said) || run == nil {
			t.Errorf("%s: exit code %d: %s", c.name, code, said)
			continue
		}
		for _, s := range []*counting{a, b} {
			if got := s.asked(); !slices.Equal(got, c.want) {
				t.Errorf("%s: the server was asked %q, want %q", c.name, got, c.want)
			}
		}
	}
	// An embedded profile has the paths of the bundled app: there the URL says what is asked.
	a, b := newCounting(t, same), newCounting(t, same)
	if code, said, _ := ranOn(t, "", nil, "--profile=smoke", "--rate=200", "--target", "a="+a.URL+"/mine", "--target", "b="+b.URL+"/mine", "-H", "X-Who: me"); code != exitOK && !tooBusy(code, said) {
		t.Errorf("exit code %d: %s", code, said)
	}
	if got := a.asked(); !slices.Equal(got, []string{"GET /mine me"}) {
		t.Errorf("with an embedded profile the server was asked %q", got)
	}
}

// A server that ancmbench did not start gets no more than was asked for: over the time for
// which it was loaded, and all the more over the whole run.
func TestRateIsNeverExceeded(t *testing.T) {
	skipRaced(t)
	const rate = 150
	a, b := newCounting(t, same), newCounting(t, same)
	code, said, run := ranOn(t, "rate: 150/s\nconnections: 4\nlaunches: 3\nphases: [{kind: warm-up, duration: 200ms}, {kind: latency, duration: 700ms}, {kind: memory, duration: 300ms}]\n", nil,
		fmt.Sprint("--rate=", rate), "--target", "a="+a.URL, "--target", "b="+b.URL)
	if code != exitOK && !tooBusy(code, said) || run == nil {
		t.Fatalf("exit code %d: %s", code, said)
	}
	const first = 3 // one that shows that it answers, and two that are compared
	for name, s := range map[string]*counting{"a": a, "b": b} {
		loaded := time.Duration(0)
		for _, trial := range run.Plan {
			if trial.Phase.Kind == ancmbench.WarmUp {
				loaded += trial.Phase.Duration.D()
			}
			for _, r := range run.Results { // more than one, if a trial was invalid and repeated
				if r.Trial == trial.Index && r.Target == name {
					loaded += trial.Phase.Duration.D()
				}
			}
		}
		for _, w := range run.Warnings {
			if w.Code == ancmbench.WarnRepeated { // of a fresh start that is repeated, what was not finished has no result
				loaded += 1200 * time.Millisecond
			}
		}
		n, took := s.count(), s.at[len(s.at)-1].Sub(s.at[0])
		mean := rate * loaded.Seconds()
		if most := mean + 4*math.Sqrt(mean) + first; float64(n) > most || float64(n) < mean/2 { // Poisson arrivals: four standard deviations
			t.Errorf("%s got %d requests in %v of load at %d/s, at most %.0f", name, n, loaded, rate, most)
			for _, r := range run.Results {
				t.Logf("trial %d launch %d %s %s void %q due %d sent %d ok %d", r.Trial, r.Launch, r.Target, r.Phase, r.Void, r.Outcomes.Due, r.Outcomes.Sent, r.Outcomes.OK)
			}
			t.Log(said)
		}
		if float64(n) > rate*took.Seconds()*1.01 {
			t.Errorf("%s got %d requests in %v at %d/s", name, n, took, rate)
		}
	}
	for seed := range 4 {
		s := newCounting(t, same)
		if code, out, err := load(t, s.URL, "-r", "100", "-d", "500ms", "--poisson", fmt.Sprint("--seed=", seed)); code != exitOK {
			t.Fatalf("exit code %d: %s %s", code, out, err)
		}
		if n := s.count(); n > 50 || n < 20 {
			t.Errorf("load, seed %d: %d requests where 50 were asked for", seed, n)
		}
	}
}

// Within a second after a server begins to fail, it gets no more requests; what was
// measured before is kept, and the exit code says that the run is invalid.
func TestFailingServerIsLeftAlone(t *testing.T) {
	t.Parallel()
	skipRaced(t)
	const rate, good = 200, 200
	dies := func(n int, _ *http.Request) (int, string) {
		if n > good {
			return http.StatusInternalServerError, "no"
		}
		return http.StatusOK, "the same"
	}
	bad, sound := newCounting(t, dies), newCounting(t, same)
	code, said, run := ranOn(t, "launches: 30\nphases: [{kind: warm-up, duration: 100ms}, {kind: latency, duration: 400ms}]\n", nil,
		fmt.Sprint("--rate=", rate), "--target", "bad="+bad.URL, "--target", "sound="+sound.URL)
	if code != exitInvalid || !strings.Contains(said, "target bad: ") || !strings.Contains(said, "status 500") || !strings.Contains(said, "the load was stopped") {
		t.Errorf("exit code %d: %s", code, said)
	}
	if run == nil || run.State != ancmbench.Failed || !slices.ContainsFunc(run.Results, func(r ancmbench.Result) bool { return r.Void == "" && r.Target == "bad" }) {
		t.Error("what was measured before is gone")
	}
	// A phase that failed by less than half is repeated; each stops after 20 requests or so.
	if bad.after > rate {
		t.Errorf("after it began to fail, the server got %d requests, more than in a second at %d/s", bad.after, rate)
	}
	failing := newCounting(t, dies)
	code, out, errs := load(t, failing.URL, "-d", "60s", "-c", "4", "-r", fmt.Sprint(rate))
	if most := good + 2*rate; code != exitTool || !strings.Contains(errs, "the load was stopped") || failing.after > most {
		t.Errorf("load: exit code %d, %d requests after the first failure, at most %d: %s %s", code, failing.after, most, out, errs)
	}
	down := newCounting(t, func(int, *http.Request) (int, string) { return http.StatusNotFound, "" })
	if code, _, errs := load(t, down.URL, "-d", "60s", "-c", "4", "-r", "50"); code != exitTool || down.after > 50 || !strings.Contains(errs, "status 404") {
		t.Errorf("load: exit code %d, %d requests to a server that always fails: %s", code, down.after, errs)
	}
}

// Targets that answer with different bodies do not do the same work.
func TestDifferentBodiesAreRefused(t *testing.T) {
	t.Parallel()
	skipRaced(t)
	other := func(int, *http.Request) (int, string) { return http.StatusOK, "another body" }
	alternates := func(n int, _ *http.Request) (int, string) { return http.StatusOK, fmt.Sprint("body ", n%2) }
	for _, c := range []struct {
		name   string
		answer func(int, *http.Request) (int, string)
		flags  []string
		code   int
		want   string
		not    string
	}{
		{"refused", other, nil, exitInvalid, "is answered by a with 8 bytes", "SHA-256 of nothing"},
		{"allowed", other, []string{"--allow-different-bodies"}, exitOK, "the targets answer the same request with different bodies", "--allow-plain-and-tls"},
		{"alternating", alternates, nil, exitOK, "the median response time of b", "different bodies"},
		{"not expected", same, []string{"--expect-body-contains=something else"}, exitTool, "target a does not answer: another body or field than expected", "(withheld)"},
	} {
		a, b := newCounting(t, same), newCounting(t, c.answer)
		code, said, run := ranOn(t, short, nil, append([]string{"--rate=200", "--target", "a=" + a.URL, "--target", "b=" + b.URL, "--metrics=all"}, c.flags...)...)
		if c.code == exitOK && tooBusy(code, said) {
			t.Logf("%s: the machine is too busy: %s", c.name, said)
			continue
		}
		if words := strings.Join(strings.Fields(said), " "); code != c.code || !strings.Contains(words, c.want) || strings.Contains(words, c.not) {
			t.Errorf("%s: exit code %d: %s", c.name, code, said)
		}
		noted := run != nil && slices.ContainsFunc(run.Results, func(r ancmbench.Result) bool {
			return slices.ContainsFunc(r.Warnings, func(w ancmbench.Warning) bool { return w.Code == ancmbench.WarnBodiesVary })
		})
		if noted != (c.name == "alternating") {
			t.Errorf("%s: that bodies vary is noted: %v", c.name, noted)
		}
	}
}
