//go:build linux

package diagnostics_test

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ancmbench/models/dotnet/diagnostics"
)

var update = flag.Bool("update", false, "record testdata/session.nettrace from a real runtime")

const recorded = "testdata/session.nettrace"

// A real runtime says its version, its counters, and how many methods it compiled for a
// path that was not asked for before.
func TestRuntimeIsAsked(t *testing.T) {
	temp, err := os.MkdirTemp("", "d")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(temp)
	a := start(t, temp)
	port, err := diagnostics.Find(a.pid)
	if err != nil || port.PID != a.pid {
		t.Fatalf("%+v %v", port, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	info, err := port.Info(ctx)
	if err != nil || !strings.HasPrefix(info.Runtime, "10.0.") || info.Entry != "app" || info.OS != "Linux" && info.OS != "macOS" || info.Arch == "" {
		t.Errorf("%+v %v", info, err)
	}
	values, err := port.Read(ctx, diagnostics.CompiledMethods, diagnostics.HeapMB, diagnostics.CommittedMB)
	if err != nil || values[diagnostics.CompiledMethods] < 50 || values[diagnostics.HeapMB] < 0.1 || values[diagnostics.HeapMB] > 1000 {
		t.Errorf("%v %v", values, err)
	}
	w, err := port.Watch(ctx, 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	before, err := w.Next(ctx, diagnostics.CompiledMethods)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get("http://" + a.address + "/whoami")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for after := before; after <= before; {
		if after, err = w.Next(ctx, diagnostics.CompiledMethods); err != nil {
			t.Fatalf("no method is compiled for a new path: %v before, %v", before, err)
		}
	}
	a.kill()
	if _, err := w.Next(ctx, "no such counter"); err == nil || ctx.Err() != nil {
		t.Errorf("after the process was killed: %v, %v", err, ctx.Err())
	}
	if _, err := port.Info(ctx); err == nil {
		t.Error("a process that was killed answers")
	}
}

// A process that has no port is no .NET; nor is one that has forbidden it.
func TestNoPort(t *testing.T) {
	if _, err := diagnostics.Find(os.Getpid()); !errors.Is(err, diagnostics.ErrNone) {
		t.Errorf("this process: %v", err)
	}
	if _, err := diagnostics.Find(1 << 30); !errors.Is(err, diagnostics.ErrNone) {
		t.Errorf("no process: %v", err)
	}
	a := start(t, "", "DOTNET_EnableDiagnostics=0")
	if _, err := diagnostics.Find(a.pid); !errors.Is(err, diagnostics.ErrNone) {
		t.Errorf("a process that forbids it: %v", err)
	}
}

// respond reads a command and answers it with set and number code.
func respond(c net.Conn, code uint16, payload []byte) (command uint16) {
	head := make([]byte, 20)
	if _, err := io.ReadFull(c, head); err != nil {
		return 0
	}
	_, _ = io.CopyN(io.Discard, c, int64(binary.LittleEndian.Uint16(head[14:]))-20)
	answer := append([]byte("DOTNET_IPC_V1\x00"), 0, 0, byte(code>>8), byte(code), 0, 0)
	binary.LittleEndian.PutUint16(answer[14:], uint16(20+len(payload)))
	_, _ = c.Write(append(answer, payload...))
	return uint16(head[16])<<8 | uint16(head[17])
}

// play is a port whose session sends what was recorded.
func play(t *testing.T, session []byte) (diagnostics.Port, context.Context) {
	t.Helper()
	port, err := diagnostics.Find(speak(t, func(c net.Conn) {
		if respond(c, 0xFF00, binary.LittleEndian.AppendUint64(nil, 7)) == 0x0203 {
			_, _ = c.Write(session)
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return port, ctx
}

func TestRecordedSession(t *testing.T) {
	if *update {
		record(t)
	}
	session, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	read := func(session []byte) (map[string]float64, error) {
		port, ctx := play(t, session)
		return port.Read(ctx, diagnostics.CompiledMethods, diagnostics.HeapMB)
	}
	values, err := read(session)
	if err != nil || values[diagnostics.CompiledMethods] < 50 || values[diagnostics.HeapMB] <= 0 {
		t.Errorf("whole: %v %v", values, err)
	}
	for name, c := range map[string][]byte{
		"empty":          nil,
		"cut off":        session[:200],
		"foreign":        []byte(strings.Repeat("HTTP/1.1 200 OK\r\n", 100)),
		"another format": append([]byte("Nettrace\x14\x00\x00\x00!FastSerialization.2"), session[32:]...),
	} {
		if values, err := read(c); err == nil {
			t.Errorf("%s: %v", name, values)
		}
	}
}

// record keeps the beginning of a real session.
func record(t *testing.T) {
	a := start(t, "")
	names, err := filepath.Glob("/tmp/dotnet-diagnostic-" + strconv.Itoa(a.pid) + "-*-socket")
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	// A proxy between Watch and the runtime keeps what the runtime says.
	var kept []byte
	done := make(chan struct{})
	first := true
	pid := speak(t, func(c net.Conn) {
		up, err := net.Dial("unix", names[0])
		if err != nil {
			return
		}
		go func() { _, _ = io.Copy(up, c) }()
		if !first {
			_, _ = io.Copy(c, up)
			return
		}
		first = false
		b, _ := io.ReadAll(io.TeeReader(up, c))
		kept = b[28:] // behind the answer with the session's number
		close(done)
	})
	port, err := diagnostics.Find(pid)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := port.Read(t.Context(), diagnostics.CompiledMethods, diagnostics.HeapMB); err != nil {
		t.Fatal(err)
	}
	<-done
	if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(recorded, kept, 0o644)); err != nil {
		t.Fatal(err)
	}
}

// What is no answer of a runtime is an error, and no wait: a refusal, another program's
// answer, silence until the time is over.
func TestPortAnswersWrongly(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(net.Conn)
		says   string
	}{
		"refuses": {func(c net.Conn) { respond(c, 0xFFFF, []byte{0x85, 0x13, 0x13, 0x80}) }, "refuses command 0x0404: 0x80131385"},
		"cut off": {func(c net.Conn) { respond(c, 0xFF00, make([]byte, 30)) }, "cut off"},
		"another": {func(c net.Conn) {
			_, _ = io.ReadFull(c, make([]byte, 20))
			_, _ = io.WriteString(c, strings.Repeat("x", 40))
		}, "none of a .NET runtime"},
		"silent":   {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, "deadline"},
		"hangs up": {func(net.Conn) {}, "diagnostics port of process"},
	} {
		t.Run(name, func(t *testing.T) {
			port, err := diagnostics.Find(speak(t, c.answer))
			if err != nil {
				t.Fatal(err)
			}
			limit := time.Minute
			if name == "silent" {
				limit = 50 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			if info, err := port.Info(ctx); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%+v %v, want %q", info, err, c.says)
			}
		})
	}
}
