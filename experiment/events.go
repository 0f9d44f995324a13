package experiment

import (
	"context"
	"regexp"
	"sync"

	"ancmbench"
)

// mostEvents limits the events that a run keeps: an app that fails again and again causes
// the same event each time.
const mostEvents = 1000

// events collects the faults of a run's sites, which arrive while it is running.
type events struct {
	mu   sync.Mutex
	kept []ancmbench.SiteEvent
	// words has the last lines that the app of a target had printed at its last fault. They are
	// for the user's screen; whether a results file may have them is another question.
	words map[string][]string
	came  chan struct{} // closed when the next fault comes; nil while nobody waits
}

// folders matches the folders of absolute paths, which are private.
var folders = regexp.MustCompile(`(^|[\s=:'"(<>])(?:~?/|[A-Za-z]:[\\/])(?:[^\s'"/\\]*[\\/])+`)

// report keeps a fault of a target, without private details unless the user allowed them.
func (r *runner) report(e ancmbench.SiteEvent) {
	words := e.Output
	if !r.cfg.WithHostDetails {
		e.Text, e.Output = folders.ReplaceAllString(e.Text, "$1"), nil
	}
	r.events.mu.Lock()
	defer r.events.mu.Unlock()
	if len(r.events.kept) < mostEvents {
		r.events.kept = append(r.events.kept, e)
	}
	if r.events.words == nil {
		r.events.words = map[string][]string{}
	}
	r.events.words[e.Target] = words
	if r.events.came != nil {
		close(r.events.came)
		r.events.came = nil
	}
}

// all returns the events so far.
func (e *events) all() []ancmbench.SiteEvent {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]ancmbench.SiteEvent(nil), e.kept...)
}

// of returns the last fault of a target, with the last lines of its app, and waits for a first
// one until ctx ends. ok is false if there is none.
func (e *events) of(ctx context.Context, target string) (_ ancmbench.SiteEvent, ok bool) {
	for {
		e.mu.Lock()
		for i := len(e.kept) - 1; i >= 0; i-- {
			if e.kept[i].Target == target {
				defer e.mu.Unlock()
				found := e.kept[i]
				found.Output = e.words[target]
				return found, true
			}
		}
		if e.came == nil {
			e.came = make(chan struct{})
		}
		came := e.came
		e.mu.Unlock()
		select {
		case <-came:
		case <-ctx.Done():
			return ancmbench.SiteEvent{}, false
		}
	}
}
