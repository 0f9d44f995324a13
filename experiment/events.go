package experiment

import (
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
}

// folders matches the folders of absolute paths, which are private.
var folders = regexp.MustCompile(`(^|[\s=:'"(<>])(?:~?/|[A-Za-z]:[\\/])(?:[^\s'"/\\]*[\\/])+`)

// report keeps a fault of a target, without private details unless the user allowed them.
func (r *runner) report(e ancmbench.SiteEvent) {
	if !r.cfg.WithHostDetails {
		e.Text, e.Output = folders.ReplaceAllString(e.Text, "$1"), nil
	}
	r.events.mu.Lock()
	defer r.events.mu.Unlock()
	if len(r.events.kept) < mostEvents {
		r.events.kept = append(r.events.kept, e)
	}
}

// all returns the events so far.
func (e *events) all() []ancmbench.SiteEvent {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]ancmbench.SiteEvent(nil), e.kept...)
}
