//go:build linux

package diagnostics_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ancmbench/models/dotnet"
)

// app is the reference app in C#, running.
type app struct {
	pid     int
	address string
	kill    func()
}

// start starts the reference app on a free port, its temporary files in temp ("" is the
// usual folder), and waits until it listens. It skips without .NET.
func start(t *testing.T, temp string, env ...string) app {
	t.Helper()
	sdk, err := dotnet.Find()
	if err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	dir, err := sdk.Publish(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(sdk.Command(), filepath.Join(dir, "app.dll"))
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "TMPDIR=") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(append(cmd.Env, sdk.Environment()...), "ASPNETCORE_URLS=http://127.0.0.1:0", "Logging__LogLevel__Default=Information")
	if temp != "" {
		cmd.Env = append(cmd.Env, "TMPDIR="+temp)
	}
	cmd.Env = append(cmd.Env, env...)
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr, cmd.Dir = out, out, dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	a := app{pid: cmd.Process.Pid, kill: func() { _ = cmd.Process.Signal(syscall.SIGKILL); <-ended }}
	t.Cleanup(a.kill)
	const said = "Now listening on: http://"
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		text, _ := os.ReadFile(out.Name())
		if _, rest, found := strings.Cut(string(text), said); found && strings.Contains(rest, "\n") {
			a.address, _, _ = strings.Cut(rest, "\n")
			return a
		}
		if time.Now().After(end) {
			t.Fatalf("the app does not listen:\n%s", text)
		}
	}
}

// speak returns a process with a port that hands every connection to answer. The process
// itself does nothing; it lives in an environment that names the folder of the port.
func speak(t *testing.T, answer func(net.Conn)) (pid int) {
	t.Helper()
	dir, err := os.MkdirTemp("", "d") // short: the path of a socket must be
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	cmd := exec.Command("sleep", "3600")
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	// The environment is there a moment after the program.
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		b, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/environ")
		if err != nil || strings.Contains(string(b), "TMPDIR="+dir) {
			break // or a system without /proc
		}
		if time.Now().After(end) {
			t.Fatal("sleep has no environment")
		}
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	key := strings.Fields(string(stat))[21] // the program's name has no blank
	// Two that were left by an earlier process of the same id: they are not this one's.
	for _, name := range []string{"1", "99999999999"} {
		old, err := net.Listen("unix", filepath.Join(dir, "dotnet-diagnostic-"+strconv.Itoa(cmd.Process.Pid)+"-"+name+"-socket"))
		if err != nil {
			t.Fatal(err)
		}
		old.(*net.UnixListener).SetUnlinkOnClose(false)
		_ = old.Close()
	}
	l, err := net.Listen("unix", filepath.Join(dir, "dotnet-diagnostic-"+strconv.Itoa(cmd.Process.Pid)+"-"+key+"-socket"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); answer(c) }()
		}
	}()
	return cmd.Process.Pid
}
