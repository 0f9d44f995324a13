package ancm

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench/models/ancm/debuglog"
	"ancmbench/models/ancm/eventlog"
	"ancmbench/models/httpsys"
)

// OfflineFile in the app's folder takes the app offline (BM-01). Its name is taken
// in any case, as Windows does.
const OfflineFile = "app_offline.htm"

// defaultCheckEvery is how long what was seen in the folder is believed.
const defaultCheckEvery = 200 * time.Millisecond

// Folder watches the app's folder and stands in front of the handler Next. It looks at
// the folder when a request comes, at most once per CheckEvery, and after a call of
// Watch also whenever something changes there. Next and Dir are required. It must not
// be copied.
type Folder struct {
	Next httpsys.Handler
	Dir  string
	// Config is the web.config; empty means that none is watched.
	Config string
	// CheckEvery; zero means 200 ms.
	CheckEvery time.Duration
	// Offline is called on another goroutine each time that OfflineFile appears, and
	// must end the app gracefully. used reports whether Next has had a request since
	// the last time. If nil, requests get 503 and nothing else happens.
	Offline func(used bool)
	// Online is called in the same way when the file has gone, after Offline has
	// returned.
	Online func()
	// Changed is called once, on another goroutine, when Config is no longer what it
	// was at the first look. Requests go on to Next meanwhile (BM-05).
	Changed func()
	// Report, if not nil, gets a sentence about each of these events.
	Report func(kind eventlog.Kind, text string)
	// Debug is the log that each of these events is written to. If nil, none is.
	Debug *debuglog.Log

	anyway time.Duration // for tests; zero means anywayEvery

	looked atomic.Bool  // somebody has looked since the start
	next   atomic.Int64 // Unix nanoseconds: when to look again
	page   atomic.Pointer[offlinePage]
	used   atomic.Bool

	mu      sync.Mutex // one looks at a time
	seen    bool
	config  stamp
	was     offlineStamp
	told    bool
	calls   []func() // of Offline and Online, in the order in which things were seen
	calling bool
}

// Remember notes the state of Config as the one in use. Call it before reading the
// file, so that a change during the reading is noticed. Without a call the state at the
// first look counts.
func (f *Folder) Remember() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.Config != "" {
		f.seen, f.config = true, stampOf(f.Config)
	}
}

// ServeExchange answers 503 with the page while OfflineFile is there.
func (f *Folder) ServeExchange(x *httpsys.Exchange) {
	if !f.looked.Load() {
		f.lookNow() // the file may lie there since before the worker
	} else if now := x.Start.UnixNano(); now >= f.next.Load() {
		f.look(now)
	}
	for page := f.page.Load(); page != nil; page = f.page.Load() {
		if page.unread != nil && page.await() {
			continue // with what has been read, or the file has gone
		}
		if x.Length != 0 {
			x.CloseAfter() // nobody reads the body, and the client is to know that
		}
		x.Error(503, 0, "text/html", page.body, errOffline)
		return
	}
	if !f.used.Load() {
		f.used.Store(true)
	}
	f.Next.ServeExchange(x)
}

var errOffline = errors.New(OfflineFile + " is in the app's folder")

// look finds what has changed since the last time. A request that comes while another
// one looks does not wait: a disk may be slow.
func (f *Folder) look(now int64) {
	if !f.mu.TryLock() {
		return
	}
	var page offlineStamp
	if now >= f.next.Load() { // else another request has looked meanwhile
		page = f.lookLocked()
		f.next.Store(now + int64(f.every()))
	}
	f.mu.Unlock()
	f.read(page)
}

func (f *Folder) every() time.Duration { return orDefault(f.CheckEvery, defaultCheckEvery) }

// lookNow looks at the folder, even if somebody has looked just now. Later requests see
// the result at once.
func (f *Folder) lookNow() {
	f.mu.Lock()
	page := f.lookLocked()
	f.mu.Unlock()
	f.read(page)
}

// read reads the page that lookLocked has found. It does not hold the lock meanwhile,
// so that nobody waits for the disk. The page counts if the file is still the same one
// afterwards.
func (f *Folder) read(found offlineStamp) {
	if found.name == "" {
		return
	}
	page := readOffline(filepath.Join(f.Dir, found.name))
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.was == found {
		f.turn(&offlinePage{body: page})
	}
}

// turn makes page, nil for none, the one that requests get from now on, also those that
// wait for the one before to be read.
func (f *Folder) turn(page *offlinePage) {
	if before := f.page.Swap(page); before != nil && before.unread != nil {
		close(before.unread)
	}
}

// lookLocked finds what has changed, and returns the page that must be read.
func (f *Folder) lookLocked() (page offlineStamp) {
	defer f.looked.Store(true)
	page = f.lookOffline()
	if f.Config == "" {
		return page
	}
	config := stampOf(f.Config)
	if f.seen && config != f.config && !f.told && f.Changed != nil {
		f.told = true
		f.Debug.Printf(debuglog.Info, "%s has changed: the worker recycles", f.Config)
		f.report(eventlog.ConfigChanged, "%s has changed: the worker recycles", f.Config)
		go f.Changed()
	}
	if !f.seen {
		f.seen, f.config = true, config
	}
	return page
}

func (f *Folder) report(kind eventlog.Kind, format string, args ...any) {
	if f.Report != nil {
		f.Report(kind, fmt.Sprintf(format, args...))
	}
}

func (f *Folder) lookOffline() (page offlineStamp) {
	is := findOffline(f.Dir)
	if is == f.was {
		return page
	}
	appeared := f.was.name == ""
	f.was = is
	if is.name == "" {
		f.turn(nil)
		f.Debug.Printf(debuglog.Info, "%s has gone", filepath.Join(f.Dir, OfflineFile))
		f.report(eventlog.AppOnline, "%s has gone: the next request starts the app", filepath.Join(f.Dir, OfflineFile))
		if f.Online != nil {
			f.call(f.Online)
		}
		return page
	}
	if !appeared {
		return is
	}
	f.turn(&offlinePage{unread: make(chan struct{})}) // offline from now on, whatever reading the page brings
	path := filepath.Join(f.Dir, is.name)
	f.Debug.Printf(debuglog.Info, "%s is there: the app is offline", path)
	f.report(eventlog.AppOffline, "%s is there: requests get 503, and the app ends", path)
	used := f.used.Swap(false)
	if f.Offline != nil {
		f.call(func() { f.Offline(used) })
	}
	return is
}

// call calls what on another goroutine, after all functions that were given before.
func (f *Folder) call(what func()) {
	f.calls = append(f.calls, what)
	if f.calling {
		return
	}
	f.calling = true
	go func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		for len(f.calls) > 0 {
			next := f.calls[0]
			f.calls = f.calls[1:]
			f.mu.Unlock()
			next()
			f.mu.Lock()
		}
		f.calling = false
	}()
}
