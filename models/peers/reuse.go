package peers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"time"
)

// clientConnections is over how many connections of its own Reuses sends: a
// proxy that ties each client's to one of the backend's shows it.
const clientConnections = 2

// Reuses sends requests one after another through a server and counts the new
// connections to the backend that they needed, as the system's socket table tells
// it (Linux): a server that keeps its backend connections needs one or two, or
// none if it had idle ones already; one that does not needs one for each request.
//
// Nobody else may use the backend meanwhile. Requests are GET / without a body;
// any answer but 502, 503 and 504 will do. backendAddr is an IP address and port.
func Reuses(ctx context.Context, server *Server, backendAddr string, requests int) (connections int, err error) {
	backend, err := netip.ParseAddrPort(backendAddr)
	if err != nil {
		return 0, fmt.Errorf("backend %q: must be an IP address and port", backendAddr)
	}
	if requests < 1 {
		return 0, fmt.Errorf("%d requests: must be at least 1", requests)
	}
	before, err := peersOf(backend)
	if err != nil {
		return 0, err
	}
	fresh := map[netip.AddrPort]bool{}
	clients := make([]*http.Client, clientConnections)
	for i := range clients {
		clients[i] = &http.Client{Transport: &http.Transport{DisableCompression: true}, Timeout: 10 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		defer clients[i].CloseIdleConnections()
	}
	for i := range requests {
		if err := ask(ctx, clients[i%clientConnections], server.Address()); err != nil {
			return 0, fmt.Errorf("%s: request %d of %d: %w", server.name, i+1, requests, err)
		}
		// Not only in the end: a connection that was reset is in the table no more.
		// Not each time: on a busy machine a look takes 10 ms.
		if i >= 10 && i%10 != 9 && i != requests-1 {
			continue
		}
		now, err := peersOf(backend)
		if err != nil {
			return 0, err
		}
		for peer := range now {
			if !before[peer] {
				fresh[peer] = true
			}
		}
	}
	if len(fresh) == 0 && len(before) == 0 {
		return 0, fmt.Errorf("%s: answers, but no connection with %s was seen", server.name, backendAddr)
	}
	return len(fresh), nil
}

func ask(ctx context.Context, client *http.Client, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/", nil)
	if err != nil {
		return err
	}
	a, err := client.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, a.Body)
	switch a.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		err = errors.Join(err, fmt.Errorf("answered %s", a.Status))
	}
	return errors.Join(err, a.Body.Close())
}
