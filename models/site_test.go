//go:build unix

package models_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/ancm/webconfig"
)

func site(t *testing.T, opt models.Options) *models.Site {
	t.Helper()
	s, err := models.Start(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Errorf("Stop: %v", err)
		}
		if strings.Contains(s.LogTail(), "DATA RACE") {
			t.Error("a process of the site has a data race")
		}
		if t.Failed() {
			t.Logf("log of %s:\n%s", s.Model(), s.LogTail())
		}
	})
	return s
}

// client makes a connection of its own for every test that asks.
func client(t *testing.T) *http.Client {
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 30 * time.Second}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func ask(t *testing.T, c *http.Client, s *models.Site, path string) answer {
	t.Helper()
	a, err := c.Get("http://" + s.Address() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{a.StatusCode, a.Header, string(b)}
}

func pids(t *testing.T, s *models.Site) map[string]int {
	t.Helper()
	ps, err := s.Processes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, p := range ps {
		if out[p.Role] != 0 {
			t.Fatalf("two processes in the role %s", p.Role)
		}
		out[p.Role] = p.PID
	}
	return out
}

// bundled returns the models that this package starts.
func bundled() []ancmbench.Model {
	return slices.DeleteFunc(slices.Clone(ancmbench.Models), ancmbench.Model.Proxy)
}

// Every rung answers the same, and proves who it is.
func TestEveryModelAnswers(t *testing.T) {
	for _, model := range bundled() {
		t.Run(string(model), func(t *testing.T) {
			t.Parallel()
			s := site(t, models.Options{Model: model})
			if before := pids(t, s); len(before) != 1 || before[models.RoleWAS] == 0 {
				t.Errorf("before the first request: %v", before)
			}
			c := client(t)
			got := ask(t, c, s, "/plaintext")
			if got.status != 200 || got.body != "Hello, World!" {
				t.Fatalf("%d %q", got.status, got.body)
			}
			p := pids(t, s)
			front, app := p[models.RoleWorker], p[models.RoleApp]
			if model == ancmbench.InProcess || model == ancmbench.Direct {
				if app != 0 {
					t.Errorf("an app process %d", app)
				}
				app = front
			}
			for name, want := range map[string]string{
				"X-Ancm-Model":     string(model),
				"X-Ancm-Front-Pid": strconv.Itoa(front),
				"X-Ancm-App-Pid":   strconv.Itoa(app),
			} {
				if v := got.header.Values(name); len(v) != 1 || v[0] != want {
					t.Errorf("%s: %q, want %q", name, v, want)
				}
			}
			rt, err := s.Runtime(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for role := range p {
				if r := rt[role]; r.GOMAXPROCS == 0 || r.Goroutines == 0 {
					t.Errorf("runtime of %s: %+v", role, r)
				}
			}
			if len(rt) != len(p) {
				t.Errorf("runtime of %d roles, want %d", len(rt), len(p))
			}
		})
	}
}

func TestRecycleStartsAnew(t *testing.T) {
	for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess} {
		t.Run(string(model), func(t *testing.T) {
			t.Parallel()
			s := site(t, models.Options{Model: model})
			seen := map[string]bool{}
			for i := range 3 {
				got := ask(t, client(t), s, "/plaintext")
				id := got.header.Get("X-Ancm-Front-Pid") + "/" + got.header.Get("X-Ancm-App-Pid")
				if seen[id] {
					t.Errorf("launch %d is served by processes of an earlier one", i)
				}
				seen[id] = true
				if err := s.Recycle(t.Context()); err != nil {
					t.Fatal(err)
				}
				if p := pids(t, s); len(p) != 1 {
					t.Errorf("after Recycle: %v", p)
				}
			}
			if err := s.Recycle(t.Context()); err != nil {
				t.Errorf("with nothing to recycle: %v", err)
			}
		})
	}
}

func TestStartRefuses(t *testing.T) {
	taken := site(t, models.Options{Model: ancmbench.InProcess}).Address()
	for name, c := range map[string]struct {
		opt  models.Options
		want []string
	}{
		"port taken": {models.Options{Model: ancmbench.InProcess, Listen: taken}, []string{"cannot listen on " + taken + ": another program already does"}},
		"port of a further front taken": {models.Options{Model: ancmbench.InProcess, Fronts: []string{models.FrontTLS},
			FrontListen: map[string]string{models.FrontTLS: taken}}, []string{"cannot listen on " + taken + ": another program already does"}},
		"a front that is not there": {models.Options{Model: ancmbench.InProcess, FrontListen: map[string]string{models.FrontTLS: taken}},
			[]string{`the site has no further front "tls"`}},
		"proxy": {models.Options{Model: ancmbench.Nginx}, []string{"nginx", "package peers"}},
		"everything at once": {models.Options{Model: "inline", Front: "slim", Listen: "8080", GOMAXPROCS: -1, Env: []string{"X"},
			Module: &webconfig.Config{RapidFailsPerMinute: 101}},
			[]string{`unknown model "inline"`, "processesPerApplication 0", "rapidFailsPerMinute 101", `unknown front "slim"`, `listen "8080"`, "GOMAXPROCS -1", `environment variable "X"`}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := models.Start(t.Context(), c.opt)
			for _, w := range c.want {
				if !strings.Contains(fmt.Sprint(err), w) {
					t.Errorf("%q lacks %q", fmt.Sprint(err), w)
				}
			}
		})
	}
}

// untilLogged waits until the processes' words have come through their pipe.
func untilLogged(t *testing.T, s *models.Site, words string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !strings.Contains(s.LogTail(), words); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no %q in the log: %s", words, s.LogTail())
		}
	}
}
