package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/fleet"
	"ancmbench/loadgen"
	"ancmbench/loadgen/vegeta"
	"ancmbench/loadgen/websocket"
	"ancmbench/loadgen/wire"
)

// engines is what agents of these tests load with.
func engines(name string, threads int) (loadgen.Engine, error) {
	switch name {
	case "wire":
		return &wire.Engine{Shards: threads}, nil
	case "vegeta":
		return &vegeta.Engine{}, nil
	case "websocket":
		return &websocket.Engine{}, nil
	}
	return nil, fmt.Errorf("no engine %q", name)
}

const version = "test-1"

func allowed(t *testing.T, texts ...string) fleet.Allowed {
	t.Helper()
	a, err := fleet.ParseAllowed(texts)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// loadAgent is what the agents of these tests offer.
func loadAgent(t *testing.T, url string, token *fleet.Token) fleet.AgentOptions {
	return fleet.AgentOptions{Join: url, Token: token, Version: version, Host: "here", Load: true, Targets: allowed(t, "127.0.0.1"),
		Stolen: func() (time.Duration, time.Duration, error) {
			all := time.Since(processBegan)
			return all / stolenPart, all, nil
		},
		Engine: engines, CPU: func() (time.Duration, string, error) { return time.Since(processBegan), "test", nil }}
}

// stolenPart is what the hypervisors of these tests take: more than they may.
const stolenPart = 8

var processBegan = time.Now()

// listening returns a coordinator that agents reach over TLS on loopback, and the token.
func listening(t *testing.T) (*fleet.Coordinator, *fleet.Token, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	token, err := fleet.NewToken()
	if err == nil {
		err = token.Save(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	if token, err = fleet.ReadTokenFile(path); err != nil {
		t.Fatal(err)
	}
	c, err := fleet.Open(fleet.Options{Version: version, Bus: fleet.BusOptions{Listen: "127.0.0.1:0", Token: token},
		Changed: func(s string) { t.Log(s) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(false) })
	return c, token, "nats://" + c.Address()
}

// join runs agents until the test ends, and returns how each one ended.
func join(t *testing.T, n int, opt fleet.AgentOptions) []chan error {
	t.Helper()
	var ended []chan error
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range n {
		end := make(chan error, 1)
		wg.Go(func() { end <- fleet.RunAgent(ctx, opt) })
		ended = append(ended, end)
	}
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	return ended
}

func await(t *testing.T, c *fleet.Coordinator, n int) {
	t.Helper()
	if err := c.Await(t.Context(), n, 0, 30*time.Second); err != nil {
		t.Fatal(err)
	}
}

// counting is a server that counts its requests, by path.
func countingServer(t *testing.T, delay time.Duration) (string, *atomic.Int64) {
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		time.Sleep(delay)
		_, _ = w.Write([]byte("hello"))
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://"), &n
}

func oneTarget(address string, length time.Duration) ancmbench.Load {
	return ancmbench.Load{Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 400, Seed: 3}, Dealing: ancmbench.Dealing{Kind: ancmbench.Single},
		Duration: ancmbench.Seconds(length), Connections: 8, Timeout: ancmbench.Seconds(5 * time.Second),
		Targets: []ancmbench.Target{{Name: "a", Address: address, Workload: ancmbench.Workload{Name: "w", Requests: []ancmbench.Request{{Method: "GET", Path: "/"}}}}}}
}

func total(t *testing.T, load ancmbench.Load) int64 {
	t.Helper()
	p, err := loadgen.NewPlan(load)
	if err != nil {
		t.Fatal(err)
	}
	return int64(p.Total())
}

// Agents that dial in send one stream together: as many requests as one generator, each
// answered, added up bucket by bucket, and nothing of any agent is lost on the way.
func TestAgentsShareAStream(t *testing.T) {
	for _, engine := range []loadgen.Engine{&wire.Engine{}, &vegeta.Engine{}} {
		for _, k := range []int{1, 3} {
			t.Run(fmt.Sprint(engine.Name(), " ", k), func(t *testing.T) {
				address, served := countingServer(t, 0)
				load := oneTarget(address, time.Second)
				if engine.Supports(load) != nil {
					t.Skip("the engine does not run here")
				}
				c, token, url := listening(t)
				ended := join(t, k, loadAgent(t, url, token))
				await(t, c, k)
				e := &fleet.Engine{Coordinator: c, Agents: k, Like: engine}
				results, err := e.Run(t.Context(), load, nil)
				if err != nil {
					t.Fatal(err)
				}
				res := results[0]
				want := total(t, load)
				if res.Outcomes.Due != want || res.Outcomes.OK != want || served.Load() != want {
					t.Errorf("due %d, ok %d, served %d: want %d", res.Outcomes.Due, res.Outcomes.OK, served.Load(), want)
				}
				if res.Response.Count() != want || res.Connections != 8 || res.Engine != engine.Name() {
					t.Errorf("%d response times, %d connections, engine %s", res.Response.Count(), res.Connections, res.Engine)
				}
				checkHosts(t, res, k)
				c.Close(false)
				for _, end := range ended {
					if err := <-end; err != nil {
						t.Errorf("an agent ended with %v", err)
					}
				}
			})
		}
	}
}

func checkHosts(t *testing.T, res ancmbench.Result, k int) {
	t.Helper()
	if len(res.LoadHosts) != k {
		t.Fatalf("%d load hosts, want %d", len(res.LoadHosts), k)
	}
	if !slices.ContainsFunc(res.Warnings, func(w ancmbench.Warning) bool { return w.Code == ancmbench.WarnHostSteal && w.Detail == "load 1" }) {
		t.Errorf("no warning of what the hypervisor of load 1 took: %+v", res.Warnings)
	}
	connections, sent, cpu := 0, int64(0), ancmbench.Seconds(0)
	for i, h := range res.LoadHosts {
		connections += h.Connections
		sent += h.Outcomes.Sent
		if h.CPU != nil {
			cpu += *h.CPU
		}
		if h.Name != fmt.Sprint("load ", i+1) || h.P50 <= 0 || len(h.Checks) == 0 || len(h.Clocks) != 2 || h.Clocks[0].Uncertainty <= 0 {
			t.Errorf("host %d: %+v", i, h)
		}
		if !slices.ContainsFunc(h.Checks, func(c ancmbench.Check) bool { return c.Name == "steal_share" && math.Abs(c.Value-1./stolenPart) < 1e-6 }) {
			t.Errorf("host %d: its share of steal is not checked: %+v", i, h.Checks)
		}
		// One machine has one clock, so the true offset is the difference of the starts,
		// and both estimates must agree on it within their uncertainties.
		if off := h.Clocks[0].Offset - h.Clocks[1].Offset; off.D().Abs() > (h.Clocks[0].Uncertainty + h.Clocks[1].Uncertainty).D() {
			t.Errorf("host %d: the offset varied by %v, and is known to %v and %v", i, off, h.Clocks[0].Uncertainty, h.Clocks[1].Uncertainty)
		}
	}
	if connections != res.Connections || sent != res.Outcomes.Sent {
		t.Errorf("the hosts have %d connections and sent %d; in all %d and %d", connections, sent, res.Connections, res.Outcomes.Sent)
	}
	generator := res.Usage[len(res.Usage)-1]
	if generator.Role != ancmbench.GeneratorRole || generator.CPU == nil || generator.CPU.Own != cpu || cpu <= 0 || generator.Processes != k {
		t.Errorf("the generators: %+v, and by host %v", generator, cpu)
	}
}

// A closed loop has its connections divided, and slices and duels their requests.
func TestEveryDealingOverAgents(t *testing.T) {
	address, _ := countingServer(t, 0)
	other, _ := countingServer(t, 0)
	c, token, url := listening(t)
	join(t, 2, loadAgent(t, url, token))
	await(t, c, 2)
	like := loadgen.Engine(&wire.Engine{})
	if like.Supports(oneTarget(address, time.Second)) != nil {
		like = &vegeta.Engine{}
	}
	e := &fleet.Engine{Coordinator: c, Agents: 2, Like: like}
	closed := oneTarget(address, 300*time.Millisecond)
	closed.Arrivals, closed.Requests = ancmbench.Arrivals{Kind: ancmbench.Closed}, 101
	closed.Duration = ancmbench.Seconds(20 * time.Second)
	slices := oneTarget(address, 600*time.Millisecond)
	slices.Targets = append(slices.Targets, slices.Targets[0])
	slices.Targets[1].Name, slices.Targets[1].Address = "b", other
	slices.Dealing = ancmbench.Dealing{Kind: ancmbench.Slices, Slice: ancmbench.Seconds(100 * time.Millisecond), Settle: 0.1}
	duel := slices
	duel.Dealing = ancmbench.Dealing{Kind: ancmbench.Duel, Seed: 4}
	for name, load := range map[string]ancmbench.Load{"closed": closed, "slices": slices, "duel": duel} {
		t.Run(name, func(t *testing.T) {
			var edges []loadgen.Edge
			results, err := e.Run(t.Context(), load, func(at loadgen.Edge) { edges = append(edges, at) })
			if err != nil || len(results) != len(load.Targets) {
				t.Fatalf("%d results, %v", len(results), err)
			}
			sent := int64(0)
			for _, res := range results {
				sent += res.Outcomes.OK
				if res.Outcomes.Errors() != 0 || len(res.LoadHosts) != 2 || res.LoadHosts[1].Outcomes.OK == 0 {
					t.Errorf("%s: %+v, hosts %+v", res.Target, res.Outcomes, res.LoadHosts)
				}
			}
			want := int64(101)
			if name != "closed" {
				want = total(t, load)
			}
			if sent != want {
				t.Errorf("%d requests, want %d", sent, want)
			}
			wantEdges := map[string]int{"closed": 2, "slices": 13, "duel": 2}[name]
			if len(edges) != wantEdges || edges[0].Slice != -1 || edges[1].Slice != 0 || !edges[1].At.After(edges[0].At) {
				t.Errorf("edges %+v", edges)
			}
			if name == "slices" && len(results[0].Slices) != 6 {
				t.Errorf("%d slices of a", len(results[0].Slices))
			}
		})
	}
}

// A load with fewer connections than agents, as the probe of a search has, is sent by as
// many agents as it has connections.
func TestFewerConnectionsThanAgents(t *testing.T) {
	t.Parallel()
	address, served := countingServer(t, 0)
	c, token, url := listening(t)
	join(t, 2, loadAgent(t, url, token))
	await(t, c, 2)
	load := oneTarget(address, 5*time.Second)
	load.Arrivals, load.Connections, load.Requests = ancmbench.Arrivals{Kind: ancmbench.Closed}, 1, 7
	results, err := (&fleet.Engine{Coordinator: c, Agents: 2, Like: &vegeta.Engine{}}).Run(t.Context(), load, nil)
	if err != nil || len(results) != 1 || len(results[0].LoadHosts) != 1 || results[0].Outcomes.OK != 7 || served.Load() != 7 {
		t.Errorf("%v: %+v, served %d", err, results, served.Load())
	}
}

// An agent that is ended during a load is lost, whichever of its last words arrives first.
func TestAgentThatLeavesIsLost(t *testing.T) {
	t.Parallel()
	address, served := countingServer(t, 0)
	for range 4 {
		c, token, url := listening(t)
		ctx, leave := context.WithCancelCause(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- fleet.RunAgent(ctx, loadAgent(t, url, token)) }()
		await(t, c, 1)
		before := served.Load()
		go func() {
			for served.Load() == before && t.Context().Err() == nil {
				time.Sleep(time.Millisecond) // a server has no event for its first request
			}
			leave(errors.New("enough"))
		}()
		_, err := (&fleet.Engine{Coordinator: c, Agents: 1, Like: &vegeta.Engine{}}).Run(t.Context(), oneTarget(address, time.Minute), nil)
		var lost *fleet.Lost
		if !errors.As(err, &lost) || lost.Why != "it left" {
			t.Errorf("got %v", err)
		}
		if err := <-ended; err == nil || err.Error() != "enough" {
			t.Errorf("the agent ended with %v", err)
		}
		c.Close(false)
	}
}

// Without an address no port is opened, and an agent of this process carries the load out.
func TestOneMachineOpensNoPort(t *testing.T) {
	address, served := countingServer(t, 0)
	c, err := fleet.Open(fleet.Options{Version: version})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(false)
	if c.Address() != "" {
		t.Errorf("it listens at %s", c.Address())
	}
	end, err := c.Local(t.Context(), loadAgent(t, "", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	load := oneTarget(address, 200*time.Millisecond)
	e := &fleet.Engine{Coordinator: c, Agents: 1, Like: &vegeta.Engine{}}
	var edges []loadgen.Edge
	results, err := e.Run(t.Context(), load, func(at loadgen.Edge) { edges = append(edges, at) })
	if len(edges) != 2 || edges[0].Slice != -1 || edges[0].Target != -1 || edges[1].Slice != 0 || edges[1].Target != 0 || edges[1].At.Sub(edges[0].At) < 200*time.Millisecond {
		t.Errorf("edges %+v", edges)
	}
	if err != nil || results[0].Outcomes.OK != served.Load() || served.Load() != total(t, load) {
		t.Errorf("%v: %+v, served %d", err, results, served.Load())
	}
}

// An agent sends only where its own host allows it.
func TestAgentsSendOnlyWhereTheyMay(t *testing.T) {
	address, served := countingServer(t, 0)
	c, token, url := listening(t)
	opt := loadAgent(t, url, token)
	opt.Targets = allowed(t, "127.0.0.2", "10.0.0.0/8", "shop.test:80")
	join(t, 1, opt)
	await(t, c, 1)
	e := &fleet.Engine{Coordinator: c, Agents: 1, Like: &vegeta.Engine{}}
	_, err := e.Run(t.Context(), oneTarget(address, time.Second), nil)
	if !errors.Is(err, fleet.ErrRefused) || !strings.Contains(err.Error(), "--allow-target "+address) || served.Load() != 0 {
		t.Errorf("%v, and %d requests", err, served.Load())
	}
}
