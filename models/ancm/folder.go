package ancm

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench/models/httpsys"
)

// OfflineFile in the app's folder takes the app offline (HOSTING.md, BM-01).
const OfflineFile = "app_offline.htm"

// maxOfflinePage bounds what is sent of OfflineFile, in bytes.
const maxOfflinePage = 1 << 20

// defaultCheckEvery is how long what was seen in the folder is believed.
const defaultCheckEvery = 200 * time.Millisecond

// Folder watches the app's folder, a look per CheckEvery at most and only when
// requests come, and stands in front of the handler Next. Next and Dir are
// required; it must not be copied.
type Folder struct {
	Next httpsys.Handler
	Dir  string
	// Config is the web.config; empty means that none is watched.
	Config string
	// CheckEvery; zero means 200 ms.
	CheckEvery time.Duration
	// Offline is called on a goroutine of its own each time that OfflineFile
	// appears: the app is to end gracefully. used tells whether Next has had a
	// request since the last time. If nil, nothing else happens.
	Offline func(used bool)
	// Changed is called likewise once Config is no longer what it was at the
	// first look; requests go on to Next until someone acts on it (BM-05).
	Changed func()
	// Debug is told of both; nil is nobody.
	Debug *DebugLog

	next   atomic.Int64 // Unix nanoseconds: when to look again
	page   atomic.Pointer[[]byte]
	used   atomic.Bool
	mu     sync.Mutex // one looks at a time
	seen   bool
	config stamp
	was    stamp // OfflineFile's
	told   bool
}

// stamp tells one state of a file from another; the zero value is none there.
type stamp struct {
	there    bool
	modified time.Time
	size     int64
}

// Remember takes the state of Config as the one that is in use. Call it before
// reading the file, so that what is written meanwhile counts as a change; else
// the first look is taken.
func (f *Folder) Remember() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.Config != "" {
		f.seen, f.config = true, stampOf(f.Config)
	}
}

// ServeExchange answers 503 with the page while OfflineFile is there.
func (f *Folder) ServeExchange(x *httpsys.Exchange) {
	if now := x.Start.UnixNano(); now >= f.next.Load() {
		f.look(now)
	}
	if page := f.page.Load(); page != nil {
		x.Error(503, 0, "text/html", *page, errOffline)
		return
	}
	if !f.used.Load() {
		f.used.Store(true)
	}
	f.Next.ServeExchange(x)
}

var errOffline = errors.New(OfflineFile + " is in the app's folder")

func (f *Folder) look(now int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now < f.next.Load() {
		return // another request has looked meanwhile
	}
	f.lookOffline()
	if f.Config != "" {
		config := stampOf(f.Config)
		if f.seen && config != f.config && !f.told && f.Changed != nil {
			f.told = true
			f.Debug.Printf(DebugInfo, "%s has changed: the worker recycles", f.Config)
			go f.Changed()
		}
		if !f.seen {
			f.seen, f.config = true, config
		}
	}
	every := f.CheckEvery
	if every == 0 {
		every = defaultCheckEvery
	}
	f.next.Store(now + int64(every))
}

func (f *Folder) lookOffline() {
	path := filepath.Join(f.Dir, OfflineFile)
	is := stampOf(path)
	if is == f.was {
		return
	}
	appeared := !f.was.there
	f.was = is
	if !is.there {
		f.page.Store(nil)
		f.Debug.Printf(DebugInfo, "%s has gone", path)
		return
	}
	page, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		f.was = stamp{}
		f.page.Store(nil)
		return
	}
	page = page[:min(len(page), maxOfflinePage)] // empty if it cannot be read: offline all the same
	f.page.Store(&page)
	if appeared {
		f.Debug.Printf(DebugInfo, "%s is there: the app is offline", path)
	}
	if used := f.used.Swap(false); appeared && f.Offline != nil {
		go f.Offline(used)
	}
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{there: true, modified: info.ModTime(), size: info.Size()}
}
