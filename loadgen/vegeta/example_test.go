package vegeta_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"ancmbench"
	"ancmbench/loadgen/vegeta"
)

// A hundred requests at a constant rate, and how they ended.
func ExampleEngine() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hello")
	}))
	defer server.Close()
	var engine vegeta.Engine
	results, err := engine.Run(context.Background(), ancmbench.Load{
		Arrivals:    ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 500},
		Dealing:     ancmbench.Dealing{Kind: ancmbench.Single},
		Duration:    ancmbench.Seconds(200 * time.Millisecond),
		Connections: 4,
		Targets: []ancmbench.Target{{Name: "mine", Address: server.Listener.Addr().String(),
			Workload: ancmbench.Workload{Requests: []ancmbench.Request{{Path: "/"}}}}},
	}, nil)
	fmt.Println(results[0].Outcomes.OK, results[0].Response.Count(), err)
	// Output: 100 100 <nil>
}
