package loadgen

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ancmbench"
)

// Addresses are tried in order: a refusal leads to the next at once, silence after the
// delay, and the one that accepts is taken.
func TestFirstToAccept(t *testing.T) {
	silent := time.Hour
	for name, c := range map[string]struct {
		refuse, accept map[string]time.Duration // after how long; neither is silence
		want           string
		took           time.Duration
	}{
		"the first":         {nil, map[string]time.Duration{"a": time.Millisecond, "b": 0}, "a", time.Millisecond},
		"refused":           {map[string]time.Duration{"a": time.Millisecond}, map[string]time.Duration{"b": time.Millisecond}, "b", 2 * time.Millisecond},
		"silent":            {nil, map[string]time.Duration{"b": time.Millisecond}, "b", attemptDelay + time.Millisecond},
		"slow, not silent":  {nil, map[string]time.Duration{"a": 300 * time.Millisecond, "b": time.Second}, "a", 300 * time.Millisecond},
		"the last":          {map[string]time.Duration{"a": 0, "b": 0}, map[string]time.Duration{"c": 0}, "c", 0},
		"all refuse":        {map[string]time.Duration{"a": 0, "b": 0, "c": 0}, nil, "a", 0},
		"none says a thing": {nil, nil, "a", DefaultTimeout},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			got := firstToAccept(t.Context(), []string{"a", "b", "c"}, func(ctx context.Context, address string) error {
				after, accepts := c.accept[address]
				if !accepts {
					var refuses bool
					if after, refuses = c.refuse[address]; !refuses {
						after = silent
					}
				}
				select {
				case <-time.After(after):
				case <-ctx.Done():
					return ctx.Err()
				}
				if !accepts {
					return errors.New("refused")
				}
				return nil
			})
			if took := time.Since(began); got != c.want || took != c.took {
				t.Errorf("%s: %s after %v, want %s after %v", name, got, took, c.want, c.took)
			}
			synctest.Wait()
		})
	}
}

// An address that needs no look-up is unchanged, and an unknown name is an error.
func TestReach(t *testing.T) {
	for _, address := range []string{"127.0.0.1:80", "[::1]:80", "[fe80::1%lo]:80", ":80"} {
		if got, err := Reach(t.Context(), ancmbench.Target{Address: address}); err != nil || got != address {
			t.Errorf("%s: %s, %v", address, got, err)
		}
	}
	if got, err := Reach(t.Context(), ancmbench.Target{Network: "unix", Address: "/tmp/s"}); err != nil || got != "/tmp/s" {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := Reach(t.Context(), ancmbench.Target{Address: "nobody.invalid:80"}); err == nil {
		t.Errorf("a name that nobody knows is %s", got)
	}
}
