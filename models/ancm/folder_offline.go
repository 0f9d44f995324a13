package ancm

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxOfflinePage bounds what is read, and sent, of OfflineFile, in bytes.
const maxOfflinePage = 1 << 20

// offlinePageWait is how long a request waits for the page to be read for the first time.
// A disk that takes longer leaves the answer without a page.
const offlinePageWait = time.Second

// offlinePage is what a request gets while OfflineFile is there.
type offlinePage struct {
	body []byte
	// unread is closed when another page, or none, has taken this one's place. It is nil
	// if the file has been read.
	unread chan struct{}
}

// await reports whether another page has taken this one's place within offlinePageWait.
func (p *offlinePage) await() bool {
	late := time.NewTimer(offlinePageWait)
	defer late.Stop()
	select {
	case <-p.unread:
		return true
	case <-late.C:
		return false
	}
}

// stamp identifies a state of a file. The zero value means that there is no file.
type stamp struct {
	there    bool
	modified time.Time
	size     int64
	id       uint64 // another file of the same name, size and time has another
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{there: true, modified: info.ModTime(), size: info.Size(), id: fileID(info)}
}

// offlineStamp is the state of the file that takes an app offline.
type offlineStamp struct {
	name string // as the folder spells it; empty is none there
	stamp
}

// findOffline looks for OfflineFile in dir, spelled in any case. Only a regular file,
// or a link to one, takes an app offline.
func findOffline(dir string) offlineStamp {
	if s, ok := regular(filepath.Join(dir, OfflineFile)); ok {
		return offlineStamp{OfflineFile, s}
	}
	folder, err := os.Open(dir)
	if err != nil {
		return offlineStamp{}
	}
	defer folder.Close()
	for {
		names, err := folder.Readdirnames(1000)
		for _, name := range names {
			if !strings.EqualFold(name, OfflineFile) {
				continue
			}
			if s, ok := regular(filepath.Join(dir, name)); ok {
				return offlineStamp{name, s}
			}
		}
		if err != nil {
			return offlineStamp{}
		}
	}
}

func regular(path string) (stamp, bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return stamp{}, false
	}
	return stamp{there: true, modified: info.ModTime(), size: info.Size(), id: fileID(info)}, true
}

// readOffline returns the page, empty if it cannot be read: the app is offline all the
// same. It does not read a file that is no longer a regular one, and opening one does
// not block.
func readOffline(path string) []byte {
	f, err := openNonblock(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	page, err := io.ReadAll(io.LimitReader(f, maxOfflinePage))
	if err != nil {
		return nil
	}
	return page
}
