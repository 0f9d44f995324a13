package iisintegration

import (
	"context"

	"ancmbench/models/internal/caller"
)

// Identity is who a request comes from, as the front has found out.
type Identity = caller.Identity

type userKey struct{}

// User returns who the request with this context comes from; false if the front has
// asked nobody, or the module does not pass it on (forwardWindowsAuthToken).
func User(ctx context.Context) (Identity, bool) {
	who, ok := ctx.Value(userKey{}).(Identity)
	return who, ok
}

// WithUser returns ctx for a request that comes from who. In-process the server calls
// it, behind the module the middleware.
func WithUser(ctx context.Context, who Identity) context.Context {
	return context.WithValue(ctx, userKey{}, who)
}
