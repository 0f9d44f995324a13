package iisintegration

import (
	"context"

	"ancmbench/models/internal/caller"
)

// Identity is the user of a request, as the front has authenticated it.
type Identity = caller.Identity

type userKey struct{}

// User returns the user of the request with this context. It reports false if the front
// has authenticated nobody, or the module does not pass the user on
// (forwardWindowsAuthToken).
func User(ctx context.Context) (Identity, bool) {
	who, ok := ctx.Value(userKey{}).(Identity)
	return who, ok
}

// WithUser returns ctx for a request of the user who. In-process the server calls it,
// and behind the module the middleware does.
func WithUser(ctx context.Context, who Identity) context.Context {
	return context.WithValue(ctx, userKey{}, who)
}
