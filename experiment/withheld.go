package experiment

import (
	"slices"
	"strings"

	"ancmbench"
)

// Withheld replaces a value that was left out.
const Withheld = "(withheld)"

// withheld returns a copy of the run without the values of request headers, bodies,
// variables and query strings, without the texts of expected bodies, and without the commands of the user's servers, which may have
// credentials. The run never has the host's name and paths.
func withheld(run *ancmbench.Run) *ancmbench.Run {
	out := *run
	out.Profile.Workloads = slices.Clone(run.Profile.Workloads)
	for i := range out.Profile.Workloads {
		w := &out.Profile.Workloads[i]
		w.Requests = slices.Clone(w.Requests)
		if w.Vars != nil {
			v := *w.Vars
			v.Rows = [][]string{slices.Repeat([]string{Withheld}, len(v.Names))}
			w.Vars = &v
		}
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
			q.Expect = expectWithheld(q.Expect)
		}
	}
	out.Profile.Targets = slices.Clone(run.Profile.Targets)
	for i := range out.Profile.Targets {
		withoutCommand(&out.Profile.Targets[i])
	}
	return &out
}

// expectWithheld leaves of an expectation what cannot be a credential.
func expectWithheld(e *ancmbench.Expect) *ancmbench.Expect {
	if e == nil {
		return nil
	}
	out := *e
	if out.BodyContains != "" {
		out.BodyContains = Withheld
	}
	out.Header = slices.Clone(e.Header)
	for i := range out.Header {
		out.Header[i].Value = Withheld
	}
	return &out
}

// IsWithheld reports whether a part of a profile's requests was left out, so that they
// cannot be sent again as they are.
func IsWithheld(p ancmbench.Profile) bool {
	for _, w := range p.Workloads {
		if w.Vars != nil && len(w.Vars.Rows) == 1 && slices.Contains(w.Vars.Rows[0], Withheld) {
			return true
		}
		for _, q := range w.Requests {
			texts := []string{q.Path, string(q.Body)}
			for _, f := range q.Header {
				texts = append(texts, f.Value)
			}
			if q.Expect != nil {
				texts = append(texts, q.Expect.BodyContains)
			}
			if slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, Withheld) }) {
				return true
			}
		}
	}
	return false
}

// withoutCommand leaves of a server its name, and how the parts of its description are
// called.
func withoutCommand(s *ancmbench.Server) {
	for _, text := range []*string{&s.URL, &s.Command, &s.Dir, &s.Log, &s.Ready.HTTP, &s.Ready.Log} {
		if *text != "" {
			*text = Withheld
		}
	}
	if s.Args != nil {
		s.Args = []string{Withheld}
	}
	s.Env, s.Files = slices.Clone(s.Env), slices.Clone(s.Files)
	for i := range s.Env {
		s.Env[i].Value = Withheld
	}
	for i := range s.Files {
		s.Files[i].Text = Withheld
	}
	s.Processes = slices.Clone(s.Processes)
	for i := range s.Processes {
		if p := &s.Processes[i]; p.By == ancmbench.ByCgroup || p.By == ancmbench.ByName {
			p.Value = Withheld // paths, and names of the user's programs
		}
	}
}

func withoutQuery(path string) string {
	if before, _, found := strings.Cut(path, "?"); found {
		return before + "?" + Withheld
	}
	return path
}
