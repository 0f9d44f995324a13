package ancm

import (
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settleEvery is the time between a change in the folder and the look at it: an editor
// or a copy makes several changes in a row.
const settleEvery = 20 * time.Millisecond

// anywayEvery is the time between two looks at a folder of which no change was
// notified: a link may lead to another folder, and some file systems notify nobody.
const anywayEvery = 10 * defaultCheckEvery

// Watch starts to look at the folder whenever something changes in it, without any
// request. It uses the system's notifications; where there are none, or some may have
// been lost, it looks every CheckEvery. stop ends the watch and waits for its end.
func (f *Folder) Watch() (stop func()) {
	end := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { f.watch(end) })
	return func() {
		close(end)
		watching.Wait()
	}
}

// watch watches the folder until end is closed. It does not watch the files: editors
// and deploy tools replace a file by another, which would not be seen again.
func (f *Folder) watch(end <-chan struct{}) {
	w, err := fsnotify.NewWatcher()
	if err == nil {
		defer w.Close()
		err = w.Add(f.Dir)
	}
	f.lookNow() // what came between Remember and now
	if err != nil {
		f.poll(end)
		return
	}
	anyway := time.NewTicker(orDefault(f.anyway, anywayEvery))
	defer anyway.Stop()
	var settled <-chan time.Time
	for {
		select {
		case <-end:
			return
		case <-anyway.C:
			f.lookNow()
		case e, ok := <-w.Events:
			if !ok {
				f.poll(end)
				return
			}
			if e.Name == f.Dir && e.Has(fsnotify.Remove|fsnotify.Rename) { // another folder may take its place
				f.poll(end)
				return
			}
			if settled == nil { // not moved by what follows: changes may have no end
				settled = time.After(settleEvery)
			}
		case <-w.Errors: // events were lost
			settled = time.After(0)
		case <-settled:
			settled = nil
			f.lookNow()
		}
	}
}

// poll looks every CheckEvery until end is closed.
func (f *Folder) poll(end <-chan struct{}) {
	look := time.NewTicker(f.every())
	defer look.Stop()
	for {
		select {
		case <-end:
			return
		case <-look.C:
			f.lookNow()
		}
	}
}
