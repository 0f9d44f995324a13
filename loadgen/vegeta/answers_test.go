package vegeta

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ancmbench"
)

func carry(t *testing.T, target ancmbench.Target) ancmbench.Result {
	t.Helper()
	load := loadOf(ancmbench.Constant, 200, ancmbench.Single, 500*time.Millisecond)
	target.Expect = ancmbench.Expect{}
	load.Targets = []ancmbench.Target{target}
	results, err := new(Engine).Run(t.Context(), load, nil)
	if err != nil {
		t.Fatal(err)
	}
	balanced(t, results[0])
	return results[0]
}

func warned(res ancmbench.Result, code ancmbench.WarningCode) bool {
	return slices.ContainsFunc(res.Warnings, func(w ancmbench.Warning) bool { return w.Code == code })
}

// Each request has its own expectation and its own row of the variables.
func TestRequestsWithVariablesAndExpectations(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{}
	s := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		seen[r.Method+" "+r.RequestURI+" "+r.Header.Get("X-Who")+" "+string(body)]++
		mu.Unlock()
		if r.URL.Path == "/gone" {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
			return
		}
		io.WriteString(w, "hello")
	})
	target := targetAt("a", s.Listener.Addr().String())
	target.Workload.Requests = []ancmbench.Request{
		{Method: "POST", Path: "/u/{{id}}", Header: []ancmbench.Field{{Name: "X-Who", Value: "{{id}}!"}}, Body: []byte("<{{id}}>"), Expect: &ancmbench.Expect{BodyContains: "ell"}},
		{Path: "/gone", Expect: &ancmbench.Expect{Statuses: []string{"302"}}},
	}
	target.Workload.Vars = &ancmbench.Vars{Names: []string{"id"}, Rows: [][]string{{"1"}, {"two words"}, {"3"}}}
	if o := carry(t, target).Outcomes; o.OK != 100 || o.Redirects < 25 || o.Varied != 0 {
		t.Errorf("%+v", o)
	}
	for _, want := range []string{"GET /gone  ", "POST /u/1 1! <1>", "POST /u/3 3! <3>", "POST /u/two%20words two words! <two words>"} {
		if seen[want] < 5 {
			t.Errorf("%q was asked %d times: %v", want, seen[want], seen)
		}
	}
	if len(seen) != 4 {
		t.Errorf("the server was asked %v", seen)
	}
	target.Workload.Requests = target.Workload.Requests[:1]
	target.Workload.Requests[0].Expect = &ancmbench.Expect{BodyContains: "no such text"}
	if o := carry(t, target).Outcomes; o.WrongAnswer != 100 {
		t.Errorf("with another text expected: %+v", o)
	}
}

// A redirect that was not expected is a failure with its own count; nobody follows it.
func TestRedirectsAreCountedAndNotFollowed(t *testing.T) {
	elsewhere := startServer(t, hello)
	s := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	res := carry(t, targetAt("a", s.Listener.Addr().String()))
	if o := res.Outcomes; o.Redirects != 100 || o.Status[307] != 100 || elsewhere.served.Load() != 0 {
		t.Errorf("%+v, and %d were followed", o, elsewhere.served.Load())
	}
	if f := res.Failures; len(f) != 1 || !strings.Contains(f[0].Cause, "a redirect, which is not followed") {
		t.Errorf("%+v", f)
	}
}

// A server that closes its connections is a finding, however it does it; one that was asked
// to close them is none.
func TestServerThatClosesIsCounted(t *testing.T) {
	for _, c := range []struct {
		name string
		ends bool // the server says so
		asks bool // the request does
		want bool
	}{{"kept", false, false, false}, {"closes", true, false, true}, {"was asked to", true, true, false}} {
		s := startServer(t, func(w http.ResponseWriter, r *http.Request) {
			if c.ends {
				w.Header().Set("Connection", "close")
			}
			io.WriteString(w, "hello")
		})
		target := targetAt("a", s.Listener.Addr().String())
		if c.asks {
			target.Workload.Requests[0].Header = []ancmbench.Field{{Name: "Connection", Value: "close"}}
		}
		res := carry(t, target)
		o := res.Outcomes
		if o.OK != 100 || c.want && o.ServerClosed < 95 || o.ServerClosed > 100 || !c.want && o.ServerClosed != 0 {
			t.Errorf("%s: %+v", c.name, o)
		}
		if warned(res, ancmbench.WarnServerCloses) != c.want || warned(res, ancmbench.WarnConnectionsDiffer) {
			t.Errorf("%s: warnings %+v", c.name, res.Warnings)
		}
	}
}

// Answers that alternate are right, and noted.
func TestAlternatingBodiesAreNoted(t *testing.T) {
	var n atomic.Int64
	s := startServer(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "body ", n.Add(1)%2) })
	res := carry(t, targetAt("a", s.Listener.Addr().String()))
	if o := res.Outcomes; o.OK != 100 || o.Varied != 50 || !warned(res, ancmbench.WarnBodiesVary) {
		t.Errorf("%+v, %+v", o, res.Warnings)
	}
}
