package diagnostics

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ErrNone is wrapped by the error of Find for a process that has no diagnostics port: no
// .NET, one that has not begun to listen, or one whose DOTNET_EnableDiagnostics is 0.
var ErrNone = errors.New("no diagnostics port of .NET")

// Port is the diagnostics port of one process.
type Port struct {
	// PID is the process.
	PID  int
	path string
}

// Find returns the diagnostics port of a process: a socket in the folder that TMPDIR of
// the process names, else in /tmp. It fails with ErrNone if there is none.
func Find(pid int) (Port, error) {
	// Behind the id stands a key: on Linux the time when the process was started. A
	// process that was killed leaves its socket, and a later one may have the same id.
	key := "*"
	if began, ok := started(pid); ok {
		key = began
	}
	names, err := filepath.Glob(filepath.Join(temporary(pid), fmt.Sprintf("dotnet-diagnostic-%d-%s-socket", pid, key)))
	if err != nil {
		return Port{}, err
	}
	var found string
	var newest time.Time
	for _, name := range names {
		info, err := os.Lstat(name)
		if err != nil || info.Mode()&os.ModeSocket == 0 {
			continue
		}
		if found == "" || info.ModTime().After(newest) {
			found, newest = name, info.ModTime()
		}
	}
	if found == "" {
		return Port{}, fmt.Errorf("process %d: %w", pid, ErrNone)
	}
	return Port{PID: pid, path: found}, nil
}

// started returns when a process was started, in the kernel's ticks since it was booted; ok
// is false where the system does not say it.
func started(pid int) (ticks string, ok bool) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", false
	}
	// The name, in brackets, may hold anything; 19 fields lie between it and the time.
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if len(fields) < 20 {
		return "", false
	}
	return fields[19], true
}

// temporary returns the folder of the process's temporary files.
func temporary(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil { // not Linux, or it has ended
		return os.TempDir()
	}
	for kv := range strings.SplitSeq(string(b), "\x00") {
		if dir, found := strings.CutPrefix(kv, "TMPDIR="); found && dir != "" {
			return dir
		}
	}
	return "/tmp"
}

// Commands of the protocol: set and number.
const (
	collectTracing = 0x0203 // CollectTracing2
	stopTracing    = 0x0201
	processInfo    = 0x0404 // ProcessInfo2, since .NET 6
	answerOK       = 0xFF00
)

const magic = "DOTNET_IPC_V1\x00"

// headerSize is the size of a message's head: magic, size, set, number, reserved.
const headerSize = len(magic) + 6

// maxAnswer bounds an answer to a command; those that are asked have less than a page.
const maxAnswer = 1 << 16

// call sends a command and returns its answer and the connection, on which more may
// follow. The connection is closed when ctx ends. It fails with what the runtime answers.
func (p Port) call(ctx context.Context, command uint16, payload []byte) (answer []byte, conn net.Conn, err error) {
	conn, err = (&net.Dialer{}).DialContext(ctx, "unix", p.path)
	if err != nil {
		return nil, nil, fmt.Errorf("diagnostics port of process %d: %w", p.PID, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	answer, err = exchange(conn, command, payload)
	if err != nil {
		_ = conn.Close()
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, nil, fmt.Errorf("diagnostics port of process %d: %w", p.PID, err)
	}
	return answer, conn, nil
}

// exchange writes a command and reads its answer.
func exchange(conn io.ReadWriter, command uint16, payload []byte) ([]byte, error) {
	message := append([]byte(magic), 0, 0)
	binary.LittleEndian.PutUint16(message[len(magic):], uint16(headerSize+len(payload)))
	message = append(message, byte(command>>8), byte(command), 0, 0)
	if _, err := conn.Write(append(message, payload...)); err != nil {
		return nil, err
	}
	head := make([]byte, headerSize)
	if _, err := io.ReadFull(conn, head); err != nil {
		return nil, fmt.Errorf("no answer: %w", err)
	}
	if string(head[:len(magic)]) != magic {
		return nil, errors.New("the answer is none of a .NET runtime")
	}
	size := int(binary.LittleEndian.Uint16(head[len(magic):]))
	if size < headerSize || size > maxAnswer {
		return nil, fmt.Errorf("an answer of %d bytes", size)
	}
	answer := make([]byte, size-headerSize)
	if _, err := io.ReadFull(conn, answer); err != nil {
		return nil, fmt.Errorf("the answer is cut off: %w", err)
	}
	if got := uint16(head[16])<<8 | uint16(head[17]); got != answerOK {
		code := uint32(0)
		if len(answer) >= 4 {
			code = binary.LittleEndian.Uint32(answer)
		}
		return nil, fmt.Errorf("the runtime refuses command %#04x: %#08x", command, code)
	}
	return answer, nil
}

// Info is what a runtime says of its process.
type Info struct {
	// Runtime is the version, "10.0.12".
	Runtime string
	// Entry is the name of the assembly that was started, "app".
	Entry string
	// OS and Arch are "Linux" and "x64".
	OS, Arch string
}

// Info asks which runtime the process has. It fails if that does not answer before ctx
// ends.
func (p Port) Info(ctx context.Context) (Info, error) {
	answer, conn, err := p.call(ctx, processInfo, nil)
	if err != nil {
		return Info{}, err
	}
	defer conn.Close()
	r := &reader{b: answer}
	r.take(8 + 16) // process id and cookie
	_ = r.counted()
	info := Info{OS: r.counted(), Arch: r.counted(), Entry: r.counted()}
	info.Runtime, _, _ = strings.Cut(r.counted(), "+") // behind it is the commit
	if r.failed {
		return Info{}, fmt.Errorf("diagnostics port of process %d: its answer is cut off", p.PID)
	}
	return info, nil
}
