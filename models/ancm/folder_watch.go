package ancm

import (
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settleEvery is how long nothing must have changed in the folder before it is
// looked at: an editor, or a copy, makes several changes of one.
const settleEvery = 20 * time.Millisecond

// anywayEvery is how often it is looked at although nothing was notified: a link
// may lead to another folder, and some file systems tell nothing.
const anywayEvery = 10 * defaultCheckEvery

// Watch looks whenever something changes in the folder, without any request
// coming: by the system's notifications and, where these cannot be had or may have
// been lost, every CheckEvery. It returns at once; stop ends it and waits for it.
func (f *Folder) Watch() (stop func()) {
	end := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { f.watch(end) })
	return func() {
		close(end)
		watching.Wait()
	}
}

// watch watches until end. The folder is what is watched, not the files: one that
// is replaced by another, as editors and deploy tools do, would not be seen again.
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

// poll looks again and again.
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
