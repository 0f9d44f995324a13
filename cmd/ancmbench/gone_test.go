package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ancmbench"
)

// A server that ends in the middle of a run is the first thing that the terminal says,
// with what its requests failed of, and the run does not end as if all were well.
func TestAServerThatEndsInTheMiddle(t *testing.T) {
	t.Parallel()
	skipShort(t)
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) })
	stays := httptest.NewServer(answer)
	defer stays.Close()
	var asked atomic.Int64
	var once sync.Once
	var ends *httptest.Server
	// In each fresh start about 90 requests are made to it: it ends in the second.
	ends = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(w, r)
		if asked.Add(1) > 140 {
			once.Do(func() {
				_ = ends.Listener.Close()
				go ends.CloseClientConnections()
			})
		}
	}))
	defer ends.Close()
	c := command(t, newMark(t), "run", "--profile=p.yaml", "--rate=100", "--out=out", "--target", "stays="+stays.URL+"/", "--target", "ends="+ends.URL+"/")
	if err := os.WriteFile(filepath.Join(c.Dir, "p.yaml"), []byte(smallGate), 0o644); err != nil {
		t.Fatal(err)
	}
	_ = c.Run()
	stdout, stderr := output(c)
	said := strings.Join(strings.Fields(stdout), " ")
	run, err := ancmbench.ReadRun(filepath.Join(c.Dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	if run.LaunchesDone == 0 {
		t.Skip("skipped: it ended in the first fresh start, of which nothing counts")
	}
	if c.ProcessState.ExitCode() != exitInvalid || !strings.Contains(said, "ends no longer answered when last asked (") || !strings.Contains(stderr, "ends no longer answered") {
		t.Errorf("exit code %d:\n%s\n%s", c.ProcessState.ExitCode(), stdout, stderr)
	}
	for _, never := range []string{"too many errors 0", "no request failed", "0 of"} {
		if strings.Contains(said, " "+never) {
			t.Errorf("%q is said:\n%s", never, stdout)
		}
	}
	for _, r := range run.Results {
		if r.Void == ancmbench.VoidErrors && r.Outcomes.Due == 0 {
			t.Errorf("%s, %s: too many errors, of none that was due", r.Target, r.Phase)
		}
	}
	if _, err := net.Dial("tcp", ends.Listener.Addr().String()); err == nil {
		t.Error("it did not end: the test shows nothing")
	}
}
