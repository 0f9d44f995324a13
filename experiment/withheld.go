package experiment

import (
	"slices"
	"strings"

	"ancmbench"
)

// Withheld replaces a value that was left out.
const Withheld = "(withheld)"

// withheld returns a copy of the run without the values of request headers, bodies and
// query strings, which may be credentials. The run never has the host's name and paths.
func withheld(run *ancmbench.Run) *ancmbench.Run {
	out := *run
	out.Profile.Workloads = slices.Clone(run.Profile.Workloads)
	for i := range out.Profile.Workloads {
		w := &out.Profile.Workloads[i]
		w.Requests = slices.Clone(w.Requests)
		for k := range w.Requests {
			q := &w.Requests[k]
			q.Path = withoutQuery(q.Path)
			if len(q.Body) > 0 {
				q.Body = []byte(Withheld)
			}
			q.Header = slices.Clone(q.Header)
			for h := range q.Header {
				q.Header[h].Value = Withheld
			}
		}
	}
	return &out
}

func withoutQuery(path string) string {
	if before, _, found := strings.Cut(path, "?"); found {
		return before + "?" + Withheld
	}
	return path
}
