//go:build clr && linux && amd64 && cgo

package clr

/*
#include <stdlib.h>
#include "half.h"
#include "host.h"
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"ancmbench/models/dotnet/hook"
)

// Available returns why this build cannot host an app in its own process, nil if it can.
func Available() error { return nil }

// App is an ASP.NET Core app in this process.
type App struct {
	options Options
	slots   *slots

	direct   atomic.Bool // the front's threads call the app
	sends    atomic.Bool // the app's threads send small answers
	once     sync.Once
	over     chan struct{} // closed when Main has returned, or never will
	asked    atomic.Bool   // it was told to end
	ready    atomic.Bool
	starting chan error // the result of the start
	failed   atomic.Pointer[StartError]
}

// hosted is the app that this process hosts: there is one runtime, and it starts once.
var hosted atomic.Pointer[App]

// Hosted returns the app that this process hosts, nil if it has not started one.
func Hosted() *App { return hosted.Load() }

// New returns the app that the configuration names. It fails if this process has one
// already.
func New(o Options) (*App, error) {
	return &App{options: o, over: make(chan struct{}), starting: make(chan error, 1)}, nil
}

// Start loads the runtime and runs the app's Main, and returns when the app takes
// requests. It fails with a *StartError if the app never will.
func (a *App) Start(ctx context.Context) error {
	transport, err := checkTransport(a.options.Transport)
	if err != nil {
		return err
	}
	p, err := findProgram(a.options.Config)
	if err != nil {
		return err
	}
	if !hosted.CompareAndSwap(nil, a) {
		return faultf(SecondApp, "this process hosts another app already, and it can host one")
	}
	if a.slots, err = newSlots(); err != nil {
		return err
	}
	a.transport(transport)
	go a.watch()
	if err := a.run(p); err != nil {
		return err
	}
	select {
	case err := <-a.starting:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// checkTransport returns the transport that is meant. It fails for one that does not exist.
func checkTransport(name string) (string, error) {
	switch name {
	case "":
		return DefaultTransport, nil
	case Rings, Direct, Send:
		return name, nil
	}
	return "", faultf(NotStarted, "transport %q: must be %s, %s or %s", name, Rings, Direct, Send)
}

// transport sets how requests come to the app.
func (a *App) transport(name string) {
	a.direct.Store(name != Rings)
	a.sends.Store(name == Send)
}

// run starts Main on its thread.
func (a *App) run(p program) error {
	if err := errors.Join(prepare(p), os.Chdir(p.dir)); err != nil {
		return err
	}
	path, err := hookFile()
	if err != nil {
		return err
	}
	a.settle(p.dir)
	argv := append([]string{p.dll}, p.args...)
	memory := C.malloc(C.size_t(len(argv)) * C.size_t(unsafe.Sizeof((*C.char)(nil))))
	texts := unsafe.Slice((**C.char)(memory), len(argv))
	for i, v := range argv {
		texts[i] = C.CString(v)
	}
	set := C.host_settings{fxr: C.CString(p.fxr), host_path: C.CString(p.host), dotnet_root: C.CString(p.root), hook: C.CString(path),
		argc: C.int(len(argv)), argv: (**C.char)(memory)} // all of it stays, for a runtime that never leaves
	if rc := C.clr_host_start(&set); rc != 0 {
		return fmt.Errorf("a thread for the app: %w", unix.Errno(rc))
	}
	return nil
}

// settle sets what the server asks for when it starts.
func (a *App) settle(dir string) {
	virtual := strings.TrimRight(a.options.Config.AppPath, "/")
	if virtual == "" {
		virtual = "/"
	}
	C.clr_settings = C.application_settings{full_path: C.CString(dir + string(filepath.Separator)), virtual_path: C.CString(virtual), max_body: maxBody}
	if a.options.Config.NoWebSockets {
		C.clr_settings.no_websockets = 1
	}
}

// maxBody is the longest request body in bytes that the app gets by default.
const maxBody = 30_000_000

// prepare sets the environment as the runtime is to find it. The variables of the
// out-of-process model would make the app refuse requests without its token.
func prepare(p program) error {
	var faults []error
	for _, name := range []string{"ASPNETCORE_PORT", "ASPNETCORE_TOKEN", "ASPNETCORE_APPL_PATH"} {
		faults = append(faults, os.Unsetenv(name))
	}
	const startups, own = "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", "Ancm.Hook"
	list := own
	if had := os.Getenv(startups); had != "" {
		list = own + ";" + had
	}
	return errors.Join(append(faults, os.Setenv(startups, list), os.Setenv("DOTNET_ROOT", p.root))...)
}

// hookFile returns the path of the startup hook, in a file that ends with this process.
func hookFile() (string, error) {
	n, err := unix.MemfdCreate("Ancm.Hook.dll", unix.MFD_CLOEXEC)
	if err != nil {
		return "", fmt.Errorf("a file for the startup hook: %w", err)
	}
	f := os.NewFile(uintptr(n), "Ancm.Hook.dll")
	hookFiles = append(hookFiles, f)
	if _, err := f.Write(hook.Assembly); err != nil {
		return "", fmt.Errorf("the startup hook: %w", err)
	}
	return fmt.Sprintf("/proc/self/fd/%d", n), nil
}

// hookFiles keeps the descriptor: an os.File that nobody has is closed.
var hookFiles []*os.File

// watch follows the app's life.
func (a *App) watch() {
	for a.slots.life.Read(drain) == nil {
		l := &C.clr_life
		if atomic.LoadUint32(u32(&l.ended)) != 0 {
			a.ended()
			return
		}
		switch {
		case a.ready.Load() && atomic.LoadUint32(u32(&l.failed)) != 0:
			a.fail()
			return
		case a.ready.Load():
		case atomic.LoadUint32(u32(&l.ready)) != 0:
			if a.direct.Load() {
				C.clr_route_segv()
			}
			a.ready.Store(true)
			a.starting <- nil
		case atomic.LoadUint32(u32(&l.failed)) != 0:
			a.starting <- faultf(NotStarted, "%s", said())
			close(a.over) // Main may never return
			return
		}
		if atomic.LoadUint32(u32(&l.stopping)) != 0 {
			a.leave()
		}
	}
}

// ended is the end of Main.
func (a *App) ended() {
	if !a.ready.Load() {
		a.starting <- startFault(int(int32(C.clr_life.start_code)), int(int32(C.clr_life.code)))
	}
	a.leave()
	close(a.over)
}

// fail is the end of an app whose process lives on.
func (a *App) fail() {
	err := &StartError{Status: NotStarted, Why: said()}
	a.failed.Store(err)
	if a.options.Failed != nil {
		a.options.Failed(err)
	}
	close(a.over) // Main never returns
}

// leave reports an end that nobody has asked for.
func (a *App) leave() {
	if a.ready.Load() && !a.asked.Load() && a.options.Ended != nil {
		a.once.Do(func() { a.options.Ended(int(int32(C.clr_life.code))) })
	}
}

// Counts are numbers of the native half, for tests.
type Counts struct {
	InFlight       int    // requests that the app has
	Slots, Free    int    // that were made, and that are in no use
	LateCalls      uint64 // about requests that were over
	BadCompletions uint64 // that the app did not take
	Refused        uint64 // requests that the app did not take
	Sent           uint64 // answers that the app's threads have sent
}

// Counts returns the numbers as they are now.
func (a *App) Counts() Counts {
	l := &C.clr_life
	c := Counts{InFlight: int(atomic.LoadInt64((*int64)(unsafe.Pointer(&l.in_flight)))), LateCalls: atomic.LoadUint64(u64(&l.late_calls)),
		BadCompletions: atomic.LoadUint64(u64(&l.bad_completions)), Refused: atomic.LoadUint64(u64(&l.refused)), Sent: atomic.LoadUint64(u64(&l.sent))}
	if a.slots != nil {
		a.slots.mu.Lock()
		c.Slots, c.Free = a.slots.made, len(a.slots.free)
		a.slots.mu.Unlock()
	}
	return c
}

func said() string { return strings.TrimSpace(C.GoString(&C.clr_life.said[0])) }

// startFault is the error of an app that ended before it was ready, by the code of
// hostfxr, else by that of Main.
func startFault(start, code int) error {
	switch {
	case start == C.START_NO_HOOK:
		return faultf(NotStarted, "%s", said())
	case start == C.START_NO_HOST:
		return faultf(NoRuntime, "hostfxr cannot be loaded: %s", said())
	case start != 0:
		return faultf(statusOf(uint32(start)), "hostfxr says %#x: %s", uint32(start), said())
	}
	return faultf(NotStarted, "the app's Main has returned %d before its server was ready", code)
}

// statusOf returns the sub-status for a code of hostfxr: a framework that is missing
// has one of its own.
func statusOf(code uint32) int {
	switch code {
	case 0x80008096, 0x80008083, 0x80008087, 0x8000808c, 0x80008097: // framework, library, and what they are made of
		return NoRuntime
	case 0x80008094:
		return NoAssembly
	}
	return NotStarted
}

// Shutdown tells the app to end, and returns when it has, or when ctx is over.
func (a *App) Shutdown(ctx context.Context) {
	a.asked.Store(true)
	if !a.ready.Load() {
		return // it will end with this process
	}
	if C.clr_shut_down() != 0 {
		return // no thread: neither it will
	}
	select {
	case <-a.over:
	case <-ctx.Done():
	}
}
