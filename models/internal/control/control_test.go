package control_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"testing/synctest"

	"ancmbench/models/internal/control"
)

func pipe(t *testing.T, h control.Handler) (*control.Caller, func()) {
	t.Helper()
	a, b := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- control.Serve(t.Context(), b, h) }()
	c := control.NewCaller(a)
	return c, func() {
		c.Close()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
		b.Close()
	}
}

func TestCallAnswers(t *testing.T) {
	c, stop := pipe(t, func(_ context.Context, op string, body json.RawMessage) (any, error) {
		switch op {
		case "double":
			var n int
			if err := json.Unmarshal(body, &n); err != nil {
				return nil, err
			}
			return 2 * n, nil
		case "nothing":
			return nil, nil
		}
		return nil, fmt.Errorf("no such operation: %s", op)
	})
	defer stop()
	var wg sync.WaitGroup
	for i := range 100 { // answers must find their own question
		wg.Go(func() {
			var got int
			if err := c.Call(t.Context(), "double", i, &got); err != nil || got != 2*i {
				t.Errorf("double %d = %d, %v", i, got, err)
			}
		})
	}
	wg.Wait()
	if err := c.Call(t.Context(), "nothing", nil, nil); err != nil {
		t.Error(err)
	}
	var remote *control.RemoteError
	if err := c.Call(t.Context(), "absent", nil, nil); !errors.As(err, &remote) {
		t.Errorf("want a RemoteError, got %v", err)
	}
}

func TestSlowAnswerDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c, stop := pipe(t, func(ctx context.Context, op string, _ json.RawMessage) (any, error) {
			if op == "slow" {
				<-release
			}
			return op, nil
		})
		slow := make(chan error, 1)
		go func() { slow <- c.Call(t.Context(), "slow", nil, nil) }()
		synctest.Wait()
		if err := c.Call(t.Context(), "quick", nil, nil); err != nil {
			t.Error(err)
		}
		close(release)
		if err := <-slow; err != nil {
			t.Error(err)
		}
		stop()
	})
}

func TestEndIsSeenByBothSides(t *testing.T) {
	a, b := net.Pipe()
	entered := make(chan struct{})
	served := make(chan error, 1)
	go func() {
		served <- control.Serve(t.Context(), b, func(ctx context.Context, _ string, _ json.RawMessage) (any, error) {
			close(entered)
			<-ctx.Done() // cancelled by the end of the channel
			return nil, ctx.Err()
		})
	}()
	c := control.NewCaller(a)
	called := make(chan error, 1)
	go func() { called <- c.Call(t.Context(), "wait", nil, nil) }()
	<-entered
	c.Close()
	if err := <-called; !errors.Is(err, control.ErrClosed) {
		t.Errorf("Call after the end: %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve at end of file: %v", err)
	}
	<-c.Gone()
	if err := c.Call(t.Context(), "again", nil, nil); !errors.Is(err, control.ErrClosed) {
		t.Errorf("Call on a closed channel: %v", err)
	}
}
