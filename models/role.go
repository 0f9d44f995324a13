package models

import (
	"net/http"
	"os"

	"ancmbench/models/internal/proctree"
)

// RunRole plays the part that the environment gives this process in a site, and never
// returns. In any other process it returns at once and has done nothing. Call it in the
// first line of main, and of a TestMain. handler is the app, the same under every
// model. If it is an ancm.Starter, it is started once in the process that hosts it,
// before its first request.
func RunRole(handler http.Handler) {
	role := os.Getenv(envRole)
	if role == "" {
		return
	}
	// The children of this process get their role from us, not by inheritance.
	os.Unsetenv(envRole)
	proctree.Title("ancmbench " + role)
	os.Exit(play(role, handler))
}
