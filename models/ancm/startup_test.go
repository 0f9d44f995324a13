package ancm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ancmbench/models/app"
	"ancmbench/models/httpsys"
)

// starter is what an app does before it can answer.
type starter func(ctx context.Context) error

func (s starter) Start(ctx context.Context) error { return s(ctx) }

func TestStartup(t *testing.T) {
	t.Run("IP-02_started_once_and_all_wait", func(t *testing.T) { eachFront(t, testStartedOnce) })
	t.Run("IP-02_failed_or_too_slow_and_stays_so", func(t *testing.T) { eachFront(t, testNotStarted) })
	t.Run("IP-02_within_startupTimeLimit", testStartupLimit)
}

func testStartedOnce(t *testing.T, kind string) {
	var starts atomic.Int64
	begun, release := make(chan struct{}), make(chan struct{})
	address := startFront(t, kind, &Startup{Next: &InProcess{Handler: app.Handler()}, Limit: time.Minute,
		App: starter(func(context.Context) error {
			starts.Add(1)
			close(begun)
			<-release
			return nil
		})})
	var answered atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			resp, err := client(t).Get("http://" + address + "/plaintext")
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			answered.Add(1)
			if resp.StatusCode != 200 {
				t.Errorf("status %d", resp.StatusCode)
			}
		})
	}
	<-begun
	if n := answered.Load(); n != 0 {
		t.Errorf("%d answers before the app was ready", n)
	}
	close(release)
	wg.Wait()
	if n := starts.Load(); n != 1 {
		t.Errorf("started %d times", n)
	}
}

func testNotStarted(t *testing.T, kind string) {
	broken := errors.New("no <database>")
	for _, c := range []struct {
		name            string
		limit           time.Duration
		app             starter
		noPage, details bool
		code            string
		shown, hidden   string // in the page
	}{
		{name: "failed", limit: time.Minute, app: func(context.Context) error { return broken }, code: "500.30", shown: "DETAILEDERRORS", hidden: "database"},
		{name: "failed, details", limit: time.Minute, app: func(context.Context) error { return broken }, details: true, code: "500.30", shown: "no &lt;database&gt;", hidden: "DETAILEDERRORS"},
		{name: "failed, no page", limit: time.Minute, app: func(context.Context) error { return broken }, noPage: true, details: true, code: "500.30", hidden: "<"},
		{name: "slow", limit: 1, app: func(ctx context.Context) error { <-ctx.Done(); return nil }, code: "500.37", shown: "startupTimeLimit"},
		{name: "no time at all", app: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, code: "500.37", shown: "startupTimeLimit"},
	} {
		var told atomic.Int64
		started := make(chan struct{}, 8)
		address := startFront(t, kind, &Startup{
			Next: httpsys.HandlerFunc(func(*httpsys.Exchange) { t.Errorf("%s: the app was asked", c.name) }),
			App: starter(func(ctx context.Context) error {
				started <- struct{}{}
				return c.app(ctx)
			}),
			Limit: c.limit, NoPage: c.noPage, Details: c.details,
			Failed: func(error) { told.Add(1) },
		})
		for range 3 {
			resp, err := client(t).Get("http://" + address + "/plaintext")
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			page := string(b)
			if got := resp.Header.Get("X-Ancm-Error"); resp.StatusCode != http.StatusInternalServerError || got != c.code {
				t.Errorf("%s: %d, X-Ancm-Error %q, want %s", c.name, resp.StatusCode, got, c.code)
			}
			if !strings.Contains(page, c.shown) || c.hidden != "" && strings.Contains(page, c.hidden) || c.noPage && page != "" {
				t.Errorf("%s: page %q", c.name, page)
			}
		}
		<-started // a limit can be over before the app's goroutine has run
		if again := len(started); again != 0 || told.Load() != 1 {
			t.Errorf("%s: started %d times, told %d times", c.name, 1+again, told.Load())
		}
	}
}

// An app that is ready after the limit is still refused.
func testStartupLimit(t *testing.T) {
	for _, c := range []struct {
		takes time.Duration
		want  string
	}{
		{119 * time.Second, "<nil>"},
		{121 * time.Second, "the app was not ready within its startupTimeLimit of 2m0s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &Startup{Limit: 2 * time.Minute, ended: make(chan struct{}), App: starter(func(context.Context) error {
				time.Sleep(c.takes)
				return nil
			})}
			s.start()
			if got := fmt.Sprint(s.err); got != c.want || s.ready.Load() != (s.err == nil) {
				t.Errorf("ready after %v: %s, want %s", c.takes, got, c.want)
			}
			time.Sleep(time.Minute) // what is ready too late changes nothing
			if got := fmt.Sprint(s.err); got != c.want || s.ready.Load() != (s.err == nil) {
				t.Errorf("a minute after: %s", got)
			}
		})
	}
}
