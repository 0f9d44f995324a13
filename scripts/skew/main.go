// Command skew measures how far apart several load agents begin one load: it serves HTTP
// itself and notes by one clock when the first request of each agent arrives. It is for
// agents on one host, or on hosts whose way to this one is equally long.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"ancmbench"
	"ancmbench/fleet"
	"ancmbench/loadgen/wire"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:4333", "where agents join")
	serve := flag.String("serve", "127.0.0.1:8090", "where the load goes")
	tokenFile := flag.String("token-file", "", "token file of the agents")
	version := flag.String("version", "devel", "version of the agents")
	rounds := flag.Int("rounds", 9, "loads for each number of agents")
	flag.Parse()
	if err := measure(*listen, *serve, *tokenFile, *version, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "skew:", err)
		os.Exit(1)
	}
}

// arrivals notes when the first request from each address arrives.
type arrivals struct {
	mu    sync.Mutex
	first map[string]time.Time
}

func (a *arrivals) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	now := time.Now()
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, known := a.first[host]; !known {
		a.first[host] = now
	}
}

// spread returns how many agents there were, and the time from the first to the last.
func (a *arrivals) spread() (n int, apart time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []time.Time
	for _, at := range a.first {
		all = append(all, at)
	}
	slices.SortFunc(all, time.Time.Compare)
	a.first = map[string]time.Time{}
	if len(all) == 0 {
		return 0, 0
	}
	return len(all), all[len(all)-1].Sub(all[0])
}

const most = 16

func measure(listen, serve, tokenFile, version string, rounds int) error {
	token, err := fleet.ReadTokenFile(tokenFile)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", serve)
	if err != nil {
		return err
	}
	seen := &arrivals{first: map[string]time.Time{}}
	go func() { _ = http.Serve(l, seen) }()
	c, err := fleet.Open(fleet.Options{Version: version, Bus: fleet.BusOptions{Listen: listen, Token: token}})
	if err != nil {
		return err
	}
	defer c.Close(false)
	ctx := context.Background()
	if err := c.Await(ctx, most, 0, time.Minute); err != nil {
		return err
	}
	fmt.Println("agents   skew, median       most   clock known within")
	for _, k := range []int{1, 2, 4, 8, most} {
		var apart []time.Duration
		worst := time.Duration(0)
		for range rounds {
			load := ancmbench.Load{Arrivals: ancmbench.Arrivals{Kind: ancmbench.Closed, Think: ancmbench.Seconds(time.Second)},
				Dealing: ancmbench.Dealing{Kind: ancmbench.Single}, Duration: ancmbench.Seconds(200 * time.Millisecond), Connections: k,
				Targets: []ancmbench.Target{{Name: "skew", Address: serve, Workload: ancmbench.Workload{Name: "w", Requests: []ancmbench.Request{{Method: "GET", Path: "/"}}}}}}
			e := &fleet.Engine{Coordinator: c, Agents: k, Like: &wire.Engine{}}
			results, err := e.Run(ctx, load, nil)
			if err != nil {
				return err
			}
			n, d := seen.spread()
			if n != k {
				return fmt.Errorf("%d of %d agents sent a request", n, k)
			}
			apart = append(apart, d)
			for _, h := range results[0].LoadHosts {
				for _, clock := range h.Clocks {
					worst = max(worst, clock.Uncertainty.D())
				}
			}
		}
		slices.Sort(apart)
		fmt.Printf("%6d %14.3f ms %7.3f ms %14.3f ms\n", k, ms(apart[len(apart)/2]), ms(apart[len(apart)-1]), ms(worst))
	}
	return nil
}

func ms(d time.Duration) float64 { return d.Seconds() * 1e3 }
