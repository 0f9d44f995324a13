package peers_test

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"ancmbench/models/peers"
)

// A server in Python, started where it can be measured, and stopped.
func ExampleCommand() {
	ctx := context.Background()
	s, err := peers.Command{Name: "base", Line: "python3 -u -m http.server --bind 127.0.0.1 $PORT"}.Start(ctx)
	if err != nil {
		fmt.Println(err) // quotes the last lines that the command wrote
		return
	}
	defer s.Stop(ctx)
	a, err := http.Get("http://" + s.Address() + "/")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Body.Close()
	n, _ := io.Copy(io.Discard, a.Body)
	fmt.Println(a.StatusCode, n > 0)
}

// nginx in front of it, and the proof that it keeps its connections.
func ExampleReuses() {
	const backend = "127.0.0.1:5000"
	ctx := context.Background()
	s, err := peers.Proxy{Kind: peers.Nginx, Backend: backend, Connections: 64}.Start(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Stop(ctx)
	n, err := peers.Reuses(ctx, s, backend, 50)
	fmt.Println(n, err)
}
