package targets

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// attached starts a target for a server that runs already.
func attached(t *testing.T, l *Local, spec Spec) Running {
	t.Helper()
	spec.Name = "behind"
	a, err := l.Start(t.Context(), spec, Place{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(t.Context()) })
	return a
}

// loaded sends requests to a target between Begin and End, all in one slice, and returns what
// that cost. during is called in the middle; it may be nil.
func loaded(t *testing.T, a Running, watch Watch, path string, during func()) Costs {
	t.Helper()
	const requests = 40
	if err := a.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Begin(t.Context(), watch); err != nil {
		t.Fatal(err)
	}
	a.Edge(time.Now())
	target, err := a.Target("")
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	for i := range requests {
		if i == requests/2 && during != nil {
			during()
		}
		res, err := client.Get("http://" + target.Address + path)
		if err != nil {
			if res, err = client.Get("http://" + target.Address + path); err != nil { // the server was started anew
				t.Fatal(err)
			}
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
	a.Edge(time.Now())
	a.Asked(Asked{Own: []bool{false, true}, Requests: requests})
	costs, err := a.End(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(costs.CPU) != 2*len(costs.Usage) {
		t.Errorf("%d readings at 2 edges of %d roles", len(costs.CPU), len(costs.Usage))
	}
	return costs
}

func pidsOf(ps []ancmbench.Process, role ancmbench.Role) (out []int) {
	for _, p := range ps {
		if p.Role == role {
			out = append(out, p.PID)
		}
	}
	return out
}

func spec(p played) Spec { return Spec{Target: ancmbench.Target{Address: p.address}} }

// The warm-up shows which upstream the requests reach, and only that is counted.
func TestAddressCountsTheUpstreamThatIsReached(t *testing.T) {
	app, other := play(t, "127.0.0.1:0"), play(t, "127.0.0.1:0")
	proxy := play(t, "127.0.0.1:0", "/a="+app.address, "/b="+other.address)
	a := attached(t, &Local{}, spec(proxy))
	loaded(t, a, Watch{}, "/b", nil)
	loaded(t, a, Watch{Course: true}, "/a", nil)
	a = attached(t, &Local{}, spec(proxy)) // which has connections to both by now
	loaded(t, a, Watch{Course: true}, "/a", nil)
	if err := a.Warmed(t.Context()); err != nil {
		t.Fatal(err)
	}
	costs := loaded(t, a, Watch{Memory: time.Millisecond}, "/a", nil)
	info := a.Info()
	if got := pidsOf(info.Processes, ancmbench.RoleServer); !slices.Equal(got, []int{proxy.pid}) {
		t.Errorf("server: %v, want %d", got, proxy.pid)
	}
	if got := pidsOf(info.Processes, ancmbench.RoleUpstream); !slices.Equal(got, []int{app.pid}) {
		t.Errorf("upstream: %v, want %d and not %d", got, app.pid, other.pid)
	}
	if len(costs.Usage) != 2 || costs.Usage[0].CPU == nil || costs.Usage[1].CPU == nil || costs.Usage[1].Role != ancmbench.RoleUpstream {
		t.Errorf("usage: %+v", costs.Usage)
	}
}

// Requests that go somewhere else than in the warm-up make the value incomplete, and the next
// load counts what they reach.
func TestAddressMarksWhatItFindsTooLate(t *testing.T) {
	app, other := play(t, "127.0.0.1:0"), play(t, "127.0.0.1:0")
	proxy := play(t, "127.0.0.1:0", "/a="+app.address, "/b="+other.address)
	a := attached(t, &Local{}, spec(proxy))
	costs := loaded(t, a, Watch{}, "/a", nil)
	if len(costs.Usage) != 2 || costs.Usage[1].Role != ancmbench.RoleUpstream || costs.Usage[1].CPU != nil || !strings.Contains(costs.Usage[1].Unsupported["cpu"], "found only after this load") {
		t.Errorf("found too late: %+v", costs.Usage)
	}
	if costs = loaded(t, a, Watch{}, "/a", nil); len(costs.Usage) != 2 || costs.Usage[1].CPU == nil {
		t.Errorf("the next load: %+v", costs.Usage)
	}
	costs = loaded(t, a, Watch{}, "/b", nil)
	if u := costs.Usage[1]; u.CPU != nil || u.Unsupported["cpu"] == "" {
		t.Errorf("a second upstream that was not counted: %+v", u)
	}
	if costs = loaded(t, a, Watch{}, "/b", nil); costs.Usage[1].CPU == nil || costs.Usage[1].Processes != 2 {
		t.Errorf("with both: %+v", costs.Usage[1])
	}
}

// A server that is started anew in the middle of a load is noticed: nothing of that load is
// shown as if it were whole, and the next one counts the new process.
func TestAddressNoticesARestart(t *testing.T) {
	first := play(t, "127.0.0.1:0")
	var second played
	l := &Local{}
	a := attached(t, l, spec(first))
	costs := loaded(t, a, Watch{Memory: time.Millisecond}, "/", func() {
		first.end()
		second = play(t, first.address)
	})
	if u := costs.Usage[0]; u.CPU != nil || u.Loaded != nil || !strings.Contains(u.Unsupported["cpu"], "ended") {
		t.Errorf("in the load of the restart: %+v", u)
	}
	restarted(t, costs, first.pid)
	costs = loaded(t, a, Watch{}, "/", nil)
	if u := costs.Usage[0]; u.CPU == nil || len(costs.Warnings) != 0 {
		t.Errorf("after it: %+v, %+v", u, costs.Warnings)
	}
	if got := pidsOf(a.Info().Processes, ancmbench.RoleServer); !slices.Equal(got, []int{second.pid}) {
		t.Errorf("after it: %v, want %d", got, second.pid)
	}

	// Between two loads, and between two fresh starts.
	second.end()
	third := play(t, first.address)
	restarted(t, loaded(t, a, Watch{}, "/", nil), second.pid)
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	third.end()
	play(t, first.address)
	a = attached(t, l, spec(first))
	costs = loaded(t, a, Watch{}, "/", nil)
	if restarted(t, costs, third.pid); costs.Usage[0].CPU == nil {
		t.Errorf("nothing ended in this load: %+v", costs.Usage[0])
	}
	if costs = loaded(t, a, Watch{}, "/", nil); len(costs.Warnings) != 0 {
		t.Errorf("said twice: %+v", costs.Warnings)
	}
}

func restarted(t *testing.T, c Costs, pid int) {
	t.Helper()
	if len(c.Warnings) != 1 || c.Warnings[0].Code != ancmbench.WarnServerRestarted || c.Warnings[0].Value != 1 ||
		!strings.Contains(c.Warnings[0].Detail, "process "+strconv.Itoa(pid)) {
		t.Errorf("warnings %+v, want one that process %d ended", c.Warnings, pid)
	}
}

// The user's rules come before what is found.
func TestAddressObeysRules(t *testing.T) {
	app, other := play(t, "127.0.0.1:0"), play(t, "127.0.0.1:0")
	proxy := play(t, "127.0.0.1:0", "/a="+app.address)
	rules := func(texts ...string) Spec {
		s := spec(proxy)
		for _, text := range texts {
			role, by, _ := strings.Cut(text, "=")
			r, err := ancmbench.ParseProcessRule(role, by)
			if err != nil {
				t.Fatal(err)
			}
			s.Processes = append(s.Processes, r)
		}
		return s
	}
	_, port, _ := strings.Cut(proxy.address, ":")
	a := attached(t, &Local{}, rules("proxy=port:"+port, "app=pid:"+strconv.Itoa(other.pid)))
	costs := loaded(t, a, Watch{Course: true}, "/a", nil)
	if len(costs.Usage) != 2 || costs.Usage[0].Role != ancmbench.RoleProxy || costs.Usage[1].Role != ancmbench.RoleApp || costs.Usage[1].CPU == nil {
		t.Errorf("usage: %+v", costs.Usage)
	}
	if got := pidsOf(a.Info().Processes, ancmbench.RoleApp); !slices.Equal(got, []int{other.pid}) {
		t.Errorf("app: %v, want %d, whatever the requests reach", got, other.pid)
	}
	for _, p := range a.Info().Processes {
		if !strings.HasPrefix(p.Why, "named by --processes (") {
			t.Errorf("why: %q", p.Why)
		}
	}
	none := rules("app=name:ancmbench-none")
	none.Name = "behind"
	_, err := (&Local{}).Start(t.Context(), none, Place{}, nil)
	if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "target behind: processes name:ancmbench-none: there is no such process on this machine") {
		t.Errorf("a process that is not there: %v", err)
	}
}

// A server on another machine has no processes here, and that is said.
func TestAddressElsewhere(t *testing.T) {
	a := attached(t, &Local{}, Spec{Target: ancmbench.Target{Address: "192.0.2.77:80"}})
	if err := a.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info := a.Info(); info.Roles != nil || info.Processes != nil || info.Missing != "the server is not on this machine" {
		t.Errorf("%+v", info)
	}
}
