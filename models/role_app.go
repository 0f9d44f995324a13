//go:build unix || windows

package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"

	"ancmbench"
	"ancmbench/models/ancm/appprocess"
	"ancmbench/models/iisintegration"
	"ancmbench/models/internal/caller"
	"ancmbench/models/internal/control"
)

// playApp runs the app's own server in a process of its own. It listens where the
// module says, and serves requests of the module only. It returns nil if it was asked
// to end, and fails if it cannot serve or the worker is gone.
func playApp(handler http.Handler) error {
	fd, err := strconv.Atoi(os.Getenv(appprocess.EnvControl))
	if err != nil {
		return fmt.Errorf("%s: %w", appprocess.EnvControl, err)
	}
	conn, err := control.Inherited(fd)
	if err != nil {
		return err
	}
	if err := startApp(handler); err != nil {
		return err
	}
	listener, err := appListener()
	if err != nil {
		return err
	}
	var fields http.Header
	if model := os.Getenv(envModel); model != "" {
		fields = proof(ancmbench.Model(model), os.Getppid())
	}
	asked := make(chan struct{}, 1)
	pairing := iisintegration.FromEnvironment()
	if pairing.Callers, err = inheritedCallers(); err != nil {
		return err
	}
	pairing.Shutdown = func() {
		select {
		case asked <- struct{}{}:
		default: // it is ending already
		}
	}
	server, err := newAppServer(os.Getenv(envFront), iisintegration.New(withAppPID(handler), pairing), fields)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	eof := answering(conn, answerApp)
	select {
	case err := <-served:
		return fmt.Errorf("serving: %w", err)
	case <-asked:
	case <-terminated():
	case <-eof: // the worker is gone, and on Linux so are we
		return errors.New("the worker is gone")
	}
	return server.Shutdown(context.Background()) // the module ends us by force if this takes too long
}

// inheritedCallers returns the channel on which the module passes the identities of
// users, nil if there is none.
func inheritedCallers() (*caller.Receiver, error) {
	text := os.Getenv(appprocess.EnvCallers)
	if text == "" {
		return nil, nil
	}
	fd, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", appprocess.EnvCallers, err)
	}
	conn, err := control.Inherited(fd)
	if err != nil {
		return nil, err
	}
	callers, err := caller.NewReceiver(conn)
	if err != nil {
		return nil, err
	}
	go func() { _ = callers.Serve() }() // without it requests fail, each for itself
	return callers, nil
}

// appListener returns the listener on the socket or port that the module has given.
func appListener() (net.Listener, error) {
	if socket := os.Getenv(appprocess.EnvSocket); socket != "" {
		l, err := net.Listen("unix", socket)
		if err == nil && !strings.HasPrefix(socket, "@") {
			err = os.Chmod(socket, 0o600)
		}
		return l, err
	}
	port, err := strconv.ParseUint(os.Getenv(appprocess.EnvPort), 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", appprocess.EnvPort, err)
	}
	return net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.FormatUint(port, 10)))
}

// answerApp answers an operation on the app's control channel, which is served once the
// app listens. It fails if it does not know the operation.
func answerApp(_ context.Context, op string, _ json.RawMessage) (any, error) {
	switch op {
	case appprocess.OpListen:
		return nil, nil
	case opRuntime:
		return goRuntime(), nil
	}
	return nil, fmt.Errorf("unknown operation %q", op)
}
