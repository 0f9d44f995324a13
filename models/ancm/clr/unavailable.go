//go:build !clr || !linux || !amd64 || !cgo

package clr

import (
	"ancmbench/models/httpsys"
	"context"
)

// Available returns why this build cannot host an app in its own process, nil if it can.
func Available() error { return ErrNotBuilt }

// App is an app in this process. There is none in this build.
type App struct{}

// New fails as Available does.
func New(Options) (*App, error) { return nil, Available() }

// Start fails as Available does.
func (*App) Start(context.Context) error { return Available() }

// ServeExchange answers 500.
func (*App) ServeExchange(x *httpsys.Exchange) { x.Error(500, 0, "", nil, Available()) }

// Shutdown does nothing.
func (*App) Shutdown(context.Context) {}
