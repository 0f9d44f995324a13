package experiment

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"ancmbench"
)

// A trial that ended because a server failed most requests is discarded for that, also on the
// targets that answered: no process died.
func TestWhyAStoppedTrialIsDiscarded(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx  context.Context
		err  error
		want string
	}{
		{t.Context(), fmt.Errorf("x: %w", ErrFailing), ancmbench.VoidErrors},
		{t.Context(), errors.New("x"), ancmbench.VoidDied},
		{over, context.Canceled, ancmbench.VoidStopped},
	} {
		results := []ancmbench.Result{{}, {Void: ancmbench.VoidRate}}
		markVoid(results, c.ctx, c.err)
		if results[0].Void != c.want || results[1].Void != ancmbench.VoidRate {
			t.Errorf("%v: %q and %q", c.err, results[0].Void, results[1].Void)
		}
	}
}
