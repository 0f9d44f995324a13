package targets

import (
	"context"

	"ancmbench/models/peers"
)

// Begin is Running.Begin. It remembers the connections of the server behind the command.
func (a *command) Begin(ctx context.Context, watch Watch) error {
	a.before = nil
	if behind := a.backend(); behind != "" {
		a.before, _ = peers.ConnectionsOf(behind) // without them nothing is counted
	}
	return a.model.Begin(ctx, watch)
}

// End is Running.End. It counts what has come to the connections that Begin remembers.
func (a *command) End(ctx context.Context) (Costs, error) {
	costs, err := a.model.End(ctx)
	if a.before == nil {
		return costs, err
	}
	if now, failed := peers.ConnectionsOf(a.backend()); failed == nil {
		n := now.Since(a.before)
		costs.Reconnects = &n
	}
	return costs, err
}

// backend returns the TCP address of what is behind the command; empty if nothing is, or if
// it listens on a Unix socket, of which the system keeps no table of closed connections.
func (a *command) backend() string {
	switch {
	case len(a.line) > 1 && a.line[1].Network() == "tcp":
		return a.line[1].Address()
	case len(a.line) == 1 && a.site != nil:
		return a.site.Address()
	}
	return ""
}
