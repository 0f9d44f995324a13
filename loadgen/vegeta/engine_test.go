package vegeta

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"ancmbench"
	"ancmbench/loadgen"
)

// server counts what is in flight, and what arrived.
type server struct {
	*httptest.Server
	flying, most, served atomic.Int64
}

func startServer(t testing.TB, handler http.HandlerFunc) *server {
	t.Helper()
	s := new(server)
	s.Server = httptest.NewServer(s.counting(handler))
	t.Cleanup(s.Close)
	return s
}

func (s *server) counting(handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n := s.flying.Add(1)
		defer s.flying.Add(-1)
		for {
			most := s.most.Load()
			if n <= most || s.most.CompareAndSwap(most, n) {
				break
			}
		}
		s.served.Add(1)
		handler(w, r)
	}
}

func hello(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(ancmbench.ModelHeader, "direct")
	io.WriteString(w, "hello")
}

func targetAt(name, address string) ancmbench.Target {
	return ancmbench.Target{Name: name, Address: address,
		Workload: ancmbench.Workload{Name: "hello", Requests: []ancmbench.Request{{Path: "/hello?a=%2F"}}},
		Expect:   ancmbench.Expect{Status: 200, Header: []ancmbench.Field{{Name: ancmbench.ModelHeader, Value: "direct"}}}}
}

func loadOf(kind ancmbench.ArrivalKind, rate float64, dealing ancmbench.DealingKind, length time.Duration, servers ...*server) ancmbench.Load {
	load := ancmbench.Load{
		Arrivals: ancmbench.Arrivals{Kind: kind, Rate: rate, Seed: 1}, Dealing: ancmbench.Dealing{Kind: dealing, Seed: 2},
		Duration: ancmbench.Seconds(length), Connections: 4, Timeout: ancmbench.Seconds(30 * time.Second), Spin: loadgen.Idle}
	for i, s := range servers {
		load.Targets = append(load.Targets, targetAt(string(rune('a'+i)), s.Listener.Addr().String()))
	}
	return load
}

// balanced checks the invariants of every Result.
func balanced(t *testing.T, res ancmbench.Result) {
	t.Helper()
	o := res.Outcomes
	if o.Due != o.Shed+o.Sent {
		t.Errorf("%s: due %d, shed %d + sent %d", res.Target, o.Due, o.Shed, o.Sent)
	}
	ended := o.OK + o.WrongModel + o.WrongAnswer + o.Refused + o.Reset + o.Timeout + o.Malformed + o.ClosedEarly + o.Failed + o.Unfinished
	for _, n := range o.Status {
		ended += n
	}
	if ended != o.Sent {
		t.Errorf("%s: sent %d and ended %d: %+v", res.Target, o.Sent, ended, o)
	}
	if n := res.Response.Count() + res.SettleResponse.Count(); n != o.Sent || res.SettleResponse.Count() != o.Settled {
		t.Errorf("%s: %d response times for %d sent", res.Target, n, o.Sent)
	}
	var sent int64
	for _, s := range res.Slices {
		sent += s.Sent
	}
	if sent != o.Sent {
		t.Errorf("%s: slices sent %d of %d", res.Target, sent, o.Sent)
	}
}

func TestDealings(t *testing.T) {
	for _, c := range []struct {
		name    string
		kind    ancmbench.ArrivalKind
		dealing ancmbench.DealingKind
		servers int
	}{
		{"open single", ancmbench.Poisson, ancmbench.Single, 1},
		{"open slices", ancmbench.Poisson, ancmbench.Slices, 2},
		{"open duel", ancmbench.Constant, ancmbench.Duel, 2},
		{"closed single", ancmbench.Closed, ancmbench.Single, 1},
		{"closed slices", ancmbench.Closed, ancmbench.Slices, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			var servers []*server
			for range c.servers {
				servers = append(servers, startServer(t, hello))
			}
			load := loadOf(c.kind, 400, c.dealing, 600*time.Millisecond, servers...)
			load.Dealing.Slice = ancmbench.Seconds(60 * time.Millisecond)
			load.Dealing.Settle = 0.1
			plan, err := loadgen.NewPlan(load)
			if err != nil {
				t.Fatal(err)
			}
			var edges []loadgen.Edge
			results, err := new(Engine).Run(t.Context(), load, func(e loadgen.Edge) {
				edges = append(edges, e)
				for i, s := range servers {
					// The handler's own return may be a moment behind its answer.
					for end := time.Now().Add(time.Second); s.flying.Load() > 0 && time.Now().Before(end); {
					}
					if n := s.flying.Load(); n != 0 {
						t.Errorf("edge %d: %d in flight at server %d", e.Slice, n, i)
					}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(edges) != plan.Slices()+1 || edges[0].Slice != -1 || edges[0].Target != -1 {
				t.Fatalf("%d edges for %d slices, the first %+v", len(edges), plan.Slices(), edges[0])
			}
			for i, e := range edges[1:] {
				if e.Slice != i || e.At.Before(edges[i].At) {
					t.Errorf("edge %d: %+v", i, e)
				}
			}
			var due int64
			for i, res := range results {
				balanced(t, res)
				o := res.Outcomes
				if o.OK != o.Sent || o.OK == 0 || o.Shed != 0 {
					t.Errorf("%s: %+v", res.Target, o)
				}
				if n := servers[i].served.Load(); n != o.Sent {
					t.Errorf("%s: sent %d, and the server saw %d", res.Target, o.Sent, n)
				}
				if n := servers[i].most.Load(); n > 4 {
					t.Errorf("%s: %d in flight over 4 connections", res.Target, n)
				}
				if res.BytesReceived < 100*o.OK || res.BytesSent < 40*o.OK || res.Engine != "vegeta" || len(res.Checks) == 0 || res.Busy <= 0 {
					t.Errorf("%s: %d bytes sent, %d received, engine %q, busy %v", res.Target, res.BytesSent, res.BytesReceived, res.Engine, res.Busy)
				}
				due += o.Due
			}
			if plan.Open() && due != int64(plan.Total()) {
				t.Errorf("%d were due, and the plan says %d", due, plan.Total())
			}
		})
	}
}

func TestRequestIsSentUnchanged(t *testing.T) {
	got := make(chan *http.Request, 1)
	bodies := make(chan string, 1)
	s := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		select {
		case got <- r:
			bodies <- string(b)
		default:
		}
		hello(w, r)
	})
	load := loadOf(ancmbench.Constant, 20, ancmbench.Single, 100*time.Millisecond, s)
	load.Targets[0].Host = "example.test"
	load.Targets[0].Workload.Requests = []ancmbench.Request{{Method: "POST", Path: "/a%2Fb//c?q=1&q=2", Body: []byte("body"),
		Header: []ancmbench.Field{{Name: "X-One", Value: "1"}, {Name: "X-One", Value: "2"}}}}
	if _, err := new(Engine).Run(t.Context(), load, nil); err != nil {
		t.Fatal(err)
	}
	r := <-got
	if r.Method != "POST" || r.RequestURI != "/a%2Fb//c?q=1&q=2" || r.Host != "example.test" || <-bodies != "body" || r.ContentLength != 4 {
		t.Errorf("%s %s, Host %s, %d bytes", r.Method, r.RequestURI, r.Host, r.ContentLength)
	}
	delete(r.Header, "Content-Length")
	if len(r.Header) != 1 || strings.Join(r.Header["X-One"], " ") != "1 2" {
		t.Errorf("header %v", r.Header)
	}
}

func TestProtocols(t *testing.T) {
	for _, c := range []struct {
		name, protocol, want string
		tls                  bool
	}{
		{"https", "", "HTTP/1.1", true},
		{"h2", "h2", "HTTP/2.0", true},
		{"https by Target.Roots", "", "HTTP/1.1", true},
		{"h2 by Target.Roots", "h2", "HTTP/2.0", true},
		{"h2c", "h2c", "HTTP/2.0", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := new(server)
			s.Server = httptest.NewUnstartedServer(s.counting(func(w http.ResponseWriter, r *http.Request) {
				if r.Proto != c.want {
					w.WriteHeader(http.StatusHTTPVersionNotSupported)
				}
				hello(w, r)
			}))
			s.Config.Protocols = new(http.Protocols)
			s.Config.Protocols.SetHTTP1(true)
			s.Config.Protocols.SetHTTP2(true)
			s.Config.Protocols.SetUnencryptedHTTP2(true)
			s.EnableHTTP2 = true
			if c.tls {
				s.StartTLS()
			} else {
				s.Start()
			}
			t.Cleanup(s.Close)
			load := loadOf(ancmbench.Poisson, 300, ancmbench.Single, 300*time.Millisecond, s)
			load.Targets[0].Protocol = c.protocol
			e := new(Engine)
			if c.tls {
				load.Targets[0].Scheme = "https"
				e.TLS = s.Client().Transport.(*http.Transport).TLSClientConfig
			}
			if strings.Contains(c.name, "Roots") {
				e.TLS = nil
				load.Targets[0].Roots = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
			}
			results, err := e.Run(t.Context(), load, nil)
			if err != nil {
				t.Fatal(err)
			}
			balanced(t, results[0])
			if o := results[0].Outcomes; o.OK != o.Due || o.OK == 0 {
				t.Errorf("%+v", o)
			}
		})
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Skip("no Unix sockets here:", err)
	}
	s := &http.Server{Handler: http.HandlerFunc(hello)}
	go s.Serve(l)
	defer s.Close()
	load := loadOf(ancmbench.Closed, 0, ancmbench.Single, 100*time.Millisecond)
	load.Targets = []ancmbench.Target{targetAt("a", path)}
	load.Targets[0].Network = "unix"
	results, err := new(Engine).Run(t.Context(), load, nil)
	if err != nil {
		t.Fatal(err)
	}
	if o := results[0].Outcomes; o.OK != o.Due || o.OK == 0 {
		t.Errorf("%+v", o)
	}
}

// A stall of the server is in the response times of all who came meanwhile, and
// in the service times of those alone that were on their way.
func TestStallIsInResponseTimes(t *testing.T) {
	const stall = 300 * time.Millisecond
	var n atomic.Int64
	s := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 50 {
			timer := time.NewTimer(stall)
			<-timer.C
		}
		hello(w, r)
	})
	load := loadOf(ancmbench.Constant, 200, ancmbench.Single, time.Second, s)
	load.Connections = 1
	results, err := new(Engine).Run(t.Context(), load, nil)
	if err != nil {
		t.Fatal(err)
	}
	balanced(t, results[0])
	// 60 of 200 requests fell due within the stall, and waited 150 ms on average.
	if p80, _ := results[0].Response.Quantile(0.8); p80 < stall/8 {
		t.Errorf("response p80 %v hides the stall", p80)
	}
	if service, response := results[0].Service.Mean(), results[0].Response.Mean(); response < service+stall/10 {
		t.Errorf("mean service %v, mean response %v", service, response)
	}
}

func TestNativeResults(t *testing.T) {
	s := startServer(t, hello)
	var file bytes.Buffer
	e := &Engine{Results: &file}
	results, err := e.Run(t.Context(), loadOf(ancmbench.Constant, 250, ancmbench.Single, 300*time.Millisecond, s), nil)
	if err != nil {
		t.Fatal(err)
	}
	var m vegeta.Metrics
	var at []time.Time
	decode := vegeta.NewDecoder(&file)
	for {
		var r vegeta.Result
		if err := decode(&r); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			break
		}
		if !strings.HasSuffix(r.URL, "/hello") || !strings.HasPrefix(r.URL, "http://127.0.0.1:") {
			t.Fatalf("URL %s", r.URL)
		}
		m.Add(&r)
		at = append(at, r.Timestamp)
	}
	m.Close()
	// The timestamps are the timetable's, whenever the requests were sent.
	slices.SortFunc(at, time.Time.Compare)
	for i := 1; i < len(at); i++ {
		if d := at[i].Sub(at[i-1]); d != 4*time.Millisecond {
			t.Fatalf("timestamps %d and %d are %v apart", i-1, i, d)
		}
	}
	if int64(m.Requests) != results[0].Outcomes.OK || m.Success != 1 || m.BytesIn.Mean != 5 {
		t.Errorf("%d requests, success %v, %v bytes in; our count is %d", m.Requests, m.Success, m.BytesIn.Mean, results[0].Outcomes.OK)
	}
}

func TestThinkTime(t *testing.T) {
	s := startServer(t, hello)
	load := loadOf(ancmbench.Closed, 0, ancmbench.Single, 500*time.Millisecond, s)
	load.Arrivals.Think = ancmbench.Seconds(50 * time.Millisecond)
	results, err := new(Engine).Run(t.Context(), load, nil)
	if err != nil {
		t.Fatal(err)
	}
	// 4 connections, each at most once in 50 ms.
	if n := results[0].Outcomes.Sent; n < 4 || n > 40 {
		t.Errorf("%d requests", n)
	}
}

func TestCancel(t *testing.T) {
	entered := make(chan struct{}, 16)
	leave := make(chan struct{})
	s := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		select {
		case <-leave:
		case <-r.Context().Done():
		}
	})
	defer close(leave)
	for _, kind := range []ancmbench.ArrivalKind{ancmbench.Constant, ancmbench.Closed} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for range 4 {
				<-entered
			}
			cancel()
		}()
		results, err := new(Engine).Run(ctx, loadOf(kind, 1000, ancmbench.Single, time.Hour, s), nil)
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: error %v", kind, err)
		}
		balanced(t, results[0])
		if o := results[0].Outcomes; o.Unfinished != 4 || o.Sent != 4 || results[0].Void != ancmbench.VoidStopped {
			t.Errorf("%s: %+v, void %q", kind, o, results[0].Void)
		}
	}
}

func TestStopsOnErrors(t *testing.T) {
	s := startServer(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	load := loadOf(ancmbench.Poisson, 1000, ancmbench.Single, time.Hour, s)
	load.MaxErrorShare = 0.5
	results, err := new(Engine).Run(t.Context(), load, nil)
	if !errors.Is(err, loadgen.ErrErrors) {
		t.Fatalf("error %v", err)
	}
	balanced(t, results[0])
	if o := results[0].Outcomes; o.Status[http.StatusTeapot] < 20 || results[0].Void != ancmbench.VoidErrors {
		t.Errorf("%+v, void %q", o, results[0].Void)
	}
}

func TestBacklogSheds(t *testing.T) {
	s := startServer(t, func(w http.ResponseWriter, r *http.Request) {
		timer := time.NewTimer(20 * time.Millisecond)
		<-timer.C
		hello(w, r)
	})
	load := loadOf(ancmbench.Constant, 1000, ancmbench.Single, 300*time.Millisecond, s)
	load.Connections, load.Backlog = 1, 5
	results, err := new(Engine).Run(t.Context(), load, nil)
	if err != nil {
		t.Fatal(err)
	}
	balanced(t, results[0])
	// At most one in 20 ms is answered, and 5 wait.
	if o := results[0].Outcomes; o.Due != 300 || o.Sent > 22 || o.Shed == 0 {
		t.Errorf("%+v", o)
	}
}
