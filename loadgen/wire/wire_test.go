//go:build linux

package wire

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

var _ loadgen.Engine = (*Engine)(nil)

func targetOf(srv *httptest.Server, name string) ancmbench.Target {
	return ancmbench.Target{Name: name, Address: srv.Listener.Addr().String(),
		Workload: ancmbench.Workload{Name: "w", Requests: []ancmbench.Request{{Path: "/"}}}}
}

func TestSmoke(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") }))
	defer srv.Close()
	var e Engine
	defer e.Close()
	for _, a := range []ancmbench.Arrivals{
		{Kind: ancmbench.Closed},
		{Kind: ancmbench.Closed, Think: ancmbench.Seconds(time.Millisecond)},
		{Kind: ancmbench.Poisson, Rate: 2000, Seed: 1},
		{Kind: ancmbench.Constant, Rate: 500}} {
		for _, k := range []int{1, 2} {
			load := ancmbench.Load{Arrivals: a, Dealing: ancmbench.Dealing{Kind: ancmbench.Single}, Duration: ancmbench.Seconds(time.Second),
				Connections: 8, Targets: []ancmbench.Target{targetOf(srv, "a")}}
			if k == 2 {
				load.Dealing = ancmbench.Dealing{Kind: ancmbench.Slices, Settle: 0.1}
				load.Targets = append(load.Targets, targetOf(srv, "b"))
			}
			res, err := e.Run(context.Background(), load, func(ed loadgen.Edge) { t.Log(ed.Slice, ed.Target) })
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range res {
				q, _ := r.Response.Quantile(0.5)
				l, _ := r.Lag.Quantile(0.5)
				t.Log(a.Kind, r.Target, r.Outcomes, q, l, r.Lag.Max(), r.Response.Max(), r.Busy, len(r.Slices))
			}
		}
	}
}
