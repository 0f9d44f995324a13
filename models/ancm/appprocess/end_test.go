//go:build unix

package appprocess_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ancmbench/models/ancm"
	"ancmbench/models/ancm/eventlog"
	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/internal/proctree"
)

func testShutdown(t *testing.T) {
	check := func(name, part string, limit, least, most time.Duration) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opt := program(part)
			opt.Config.ShutdownTimeLimit = limit
			p := processes(t, opt)
			start(t, p)
			pid := p.Instances()[0].PID
			begun := time.Now()
			p.Shutdown(t.Context())
			gone(t, pid)
			if took := time.Since(begun); took < least || took > most {
				t.Errorf("took %v, want %v to %v", took, least, most)
			}
			_, err := p.Start(t.Context())
			var f *ancm.Failure
			if !errors.As(err, &f) || f.Status != 503 {
				t.Errorf("a start after Shutdown: %v, want 503", err)
			}
		})
	}
	const never = 60 * time.Second
	check("event_with_token_then_202", "app", never, 0, never/2)
	check("signal_when_the_event_is_unknown", "foreign", never, 0, never/2)
	check("force_after_shutdownTimeLimit", "stubborn", time.Second, time.Second, never/2)
	check("shutdownTimeLimit_0_kills_at_once", "stubborn", 0, 0, never/2)
	t.Run("during_a_start", func(t *testing.T) {
		t.Parallel()
		p := processes(t, program("idle"))
		failed := make(chan error, 1)
		go func() { _, err := p.Start(t.Context()); failed <- err }()
		p.Shutdown(t.Context())
		var f *ancm.Failure
		if err := <-failed; !errors.As(err, &f) || f.Status != 503 {
			t.Errorf("the request that waited got %v, want 503", err)
		}
	})
	t.Run("recycle_is_no_failure", func(t *testing.T) {
		t.Parallel()
		opt := program("app")
		opt.Config.RapidFailsPerMinute = 0
		p := processes(t, opt)
		for range 4 {
			start(t, p)
			p.Recycle(t.Context())
			if p.Ready() != nil {
				t.Fatal("still ready after Recycle")
			}
		}
	})
}

func testChildren(t *testing.T) {
	for _, part := range []string{"parent", "wild-parent"} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			p := processes(t, program(part))
			b := start(t, p)
			mark := "ASPNETCORE_TOKEN=" + b.Token
			three(t, mark)
			p.Kill()
			p.Shutdown(t.Context())
			if left, err := proctree.Marked(mark); err != nil || len(left) > 0 {
				t.Errorf("%v outlived the app: %v", left, err)
			}
		})
	}
}

// three waits until the app, its child that listens, and its idle child have the mark:
// the app is ready before the last of them has started.
func three(t *testing.T, mark string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		family, err := proctree.Marked(mark)
		if err != nil {
			t.Skip(err)
		}
		if len(family) == 3 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d processes have the mark, want 3", len(family))
		}
	}
}

// Without a token there is no mark, and the process group must be enough.
func testGroup(t *testing.T) {
	t.Parallel()
	own := t.Name() + " of " + strconv.Itoa(os.Getpid()) // another run beside this one has its own
	opt := program("parent", webconfig.EnvironmentVariable{Name: "ANCM_TEST_MARK", Value: own})
	opt.NoToken = true
	p := processes(t, opt)
	start(t, p)
	mark := "ANCM_TEST_MARK=" + own
	three(t, mark)
	if err := syscall.Kill(p.Instances()[0].PID, syscall.SIGKILL); err != nil { // it alone
		t.Fatal(err)
	}
	untilStopped(t, p)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		left, _ := proctree.Marked(mark)
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			_ = proctree.Kill(time.Second, func() ([]int, error) { return left, nil })
			t.Fatalf("%v outlived the app", left)
		}
	}
}

func testWrongPort(t *testing.T) {
	t.Parallel()
	_, unknown := proctree.Owned(nil)
	// The app listens elsewhere within the limit, or what it listens on cannot be told.
	for limit := 2 * time.Second; ; limit *= 4 {
		opt := program("elsewhere")
		opt.Config.StartupTimeLimit = limit
		_, s := refused(t, processes(t, opt))
		if !strings.Contains(s.Error(), "does not listen on port ") {
			t.Error(s)
		}
		if unknown != nil || strings.Contains(s.Error(), "it listens on 127.0.0.1:") {
			return
		}
		if limit > 30*time.Second {
			t.Fatal(s)
		}
	}
}

func testStdoutLog(t *testing.T) {
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		opt := program("app")
		opt.Config.PhysicalPath = t.TempDir()
		opt.Config.StdoutLogEnabled = true
		opt.Config.StdoutLogFile = `.\logs\deep\stdout`
		p := processes(t, opt)
		start(t, p)
		p.Shutdown(t.Context())
		files, err := filepath.Glob(filepath.Join(opt.Config.PhysicalPath, "logs", "deep", "*"))
		if err != nil || len(files) != 1 {
			t.Fatalf("logs: %v, %v", files, err)
		}
		when, pid, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(filepath.Base(files[0]), "stdout_"), ".log"), "_")
		if _, err := time.Parse("20060102150405", when); err != nil || !ok || pid != strconv.Itoa(os.Getpid()) {
			t.Errorf("name %s: %v", files[0], err)
		}
		if info, _ := os.Stat(files[0]); info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v", info.Mode())
		}
		if b, _ := os.ReadFile(files[0]); !strings.Contains(string(b), "shutting down as asked") {
			t.Errorf("log: %s", b)
		}
	})
	t.Run("off_the_app_never_blocks", func(t *testing.T) {
		t.Parallel()
		get(t, start(t, processes(t, program("chatty"))), "/")
	})
	t.Run("off_the_first_30000_bytes_are_kept_and_the_event_has_the_last", func(t *testing.T) {
		t.Parallel()
		opt, told := program("chatty-exits"), make(chan eventlog.Event, 1)
		opt.Report = func(e eventlog.Event) {
			if e.Kind == eventlog.AppNotStarted {
				select {
				case told <- e:
				default: // one is enough
				}
			}
		}
		_, err := refused(t, processes(t, opt))
		if e := <-told; len(e.Output) == 0 || e.Output[len(e.Output)-1] != "end" {
			t.Errorf("the event's last words are %q", e.Output)
		}
		if want := strings.Repeat("begin\n", 5000); err.Output != want {
			t.Errorf("%d bytes are kept, %d of the first", len(err.Output), strings.Count(err.Output, "begin\n"))
		}
	})
}
