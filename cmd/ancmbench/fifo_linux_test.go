package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A command that waits for what another program writes into a pipe ends at the first signal.
func TestWaitForAPipeIsInterrupted(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"profile":    {"run", "--profile"},
		"profiles":   {"profiles"},
		"basic auth": {"serve", "--basic-auth"},
		"token":      {"agents", "--listen", "127.0.0.1:0", "--token-file"},
	} {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
			t.Run(name+" "+sig.String(), func(t *testing.T) {
				t.Parallel()
				pipe := filepath.Join(t.TempDir(), "pipe.yaml")
				if err := syscall.Mkfifo(pipe, 0o600); err != nil {
					t.Fatal(err)
				}
				var said bytes.Buffer
				c := exec.Command("ancmbench", append(args, pipe)...)
				c.Dir, c.Stderr = filepath.Dir(pipe), &said
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				writer := reachedBy(t, pipe)
				defer writer.Close() // the pipe has a writer, who writes nothing
				if err := c.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				stop := time.AfterFunc(time.Minute, func() { _ = c.Process.Kill() })
				defer stop.Stop()
				_ = c.Wait()
				if code := c.ProcessState.ExitCode(); code != exitInterrupted || said.String() != "ancmbench: interrupted\n" {
					t.Errorf("%v: exit code %d, %q", c.Args, code, said.String())
				}
			})
		}
	}
}

// What every worker reads again is no pipe and no device: it would wait, or never end.
func TestIssuersAreAFile(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{pipe: "is a pipe, not a file", "/dev/zero": "is a device, not a file"} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		out, err := exec.CommandContext(ctx, "ancmbench", "serve", "--tls", "--client-certificates=require", "--client-ca", path).CombinedOutput()
		cancel()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != exitUsage || string(out) != "ancmbench: --client-ca: read "+path+": "+want+"\n" {
			t.Errorf("%s: %v, %.300q", path, err, out)
		}
	}
}

// reachedBy returns the writing end of a pipe once somebody reads it.
func reachedBy(t *testing.T, pipe string) *os.File {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		f, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			return f
		}
		if !errors.Is(err, syscall.ENXIO) || time.Now().After(end) {
			t.Fatal(err)
		}
	}
}
