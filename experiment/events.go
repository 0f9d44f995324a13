package experiment

import (
	"regexp"
	"sync"

	"ancmbench"
	"ancmbench/models"
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

// reporter returns a function that keeps the faults of a target's site.
func (r *runner) reporter(target string) func(models.Event) {
	return func(e models.Event) {
		if !e.Fault() {
			return
		}
		kept := ancmbench.SiteEvent{Time: e.Time.UTC(), Target: target, Kind: string(e.Kind), Text: e.Text, Output: e.Output}
		if !r.cfg.WithHostDetails {
			kept.Text, kept.Output = folders.ReplaceAllString(e.Text, "$1"), nil
		}
		r.events.mu.Lock()
		defer r.events.mu.Unlock()
		if len(r.events.kept) < mostEvents {
			r.events.kept = append(r.events.kept, kept)
		}
	}
}

// all returns the events so far.
func (e *events) all() []ancmbench.SiteEvent {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]ancmbench.SiteEvent(nil), e.kept...)
}
