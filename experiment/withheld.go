package experiment

import (
	"slices"
	"strings"

	"ancmbench"
)

// Withheld is what stands where a value was left out.
const Withheld = "(withheld)"

// withheld gives a copy of the run without what must not leave the machine: the
// values of request headers, bodies and query strings, which may be credentials.
// The host's name and paths never came in.
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
