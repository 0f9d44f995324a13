package experiment

import (
	"regexp"
	"sync"

	"ancmbench"
	"ancmbench/models"
)

// mostEvents bounds how many events a run keeps: an app that fails again and again
// says the same.
const mostEvents = 1000

// events are what went wrong with the sites of a run. They come while it goes on.
type events struct {
	mu   sync.Mutex
	kept []ancmbench.SiteEvent
}

// folders are those of absolute paths, which must not leave the machine.
var folders = regexp.MustCompile(`(^|[\s=:'"(<>])(?:~?/|[A-Za-z]:[\\/])(?:[^\s'"/\\]*[\\/])+`)

// reporter keeps the faults of a target's site.
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

// all gives what has come so far.
func (e *events) all() []ancmbench.SiteEvent {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]ancmbench.SiteEvent(nil), e.kept...)
}
