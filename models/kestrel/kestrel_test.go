package kestrel

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

func start(t *testing.T, o Options) (string, *Server, chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := New(o)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return "http://" + l.Addr().String(), s, done
}

func readAll(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	}
}

func TestLimits(t *testing.T) {
	reached := 0
	address, _, _ := start(t, Options{MaxBody: 10, Fields: http.Header{"X-Ancm-Model": {"direct"}},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { reached++; readAll(w, r) })})
	for _, tc := range []struct {
		body    io.Reader
		status  int
		reaches int
	}{
		{strings.NewReader("0123456789"), 200, 1},
		{strings.NewReader("0123456789a"), 413, 0},
		{io.MultiReader(strings.NewReader("0123456789a")), 413, 1}, // its length is not known before
	} {
		reached = 0
		resp, err := http.Post(address, "text/plain", tc.body)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != tc.status || reached != tc.reaches || resp.Header.Get("X-Ancm-Model") != "direct" {
			t.Errorf("status %d, reached %d times, %v; want %d, %d", resp.StatusCode, reached, resp.Header, tc.status, tc.reaches)
		}
	}
}

// Shutdown lets a request in progress end.
func TestShutdown(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	address, s, done := start(t, Options{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		_, _ = io.WriteString(w, "done")
	})})
	answer := make(chan string, 1)
	go func() {
		resp, err := http.Get(address)
		if err != nil {
			answer <- err.Error()
			return
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		answer <- string(body)
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- s.Shutdown(t.Context()) }()
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("Serve: %v", err)
	}
	close(release)
	if got := <-answer; got != "done" {
		t.Errorf("the request in progress: %s", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}
