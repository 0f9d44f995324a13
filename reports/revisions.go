package reports

import (
	"slices"
	"strings"

	"ancmbench"
)

// longestSubject is how many runes of a commit's subject are shown; it is what git's
// own manual asks of one, and half as much again.
const longestSubject = 75

// revisionOf is what a target of the run was built from; nil if that is not known.
func revisionOf(run *ancmbench.Run, target string) *ancmbench.Revision {
	i := slices.IndexFunc(run.Targets, func(t ancmbench.TargetInfo) bool { return t.Name == target })
	if i < 0 {
		return nil
	}
	return run.Targets[i].Revision
}

// revisionWords are a revision as people quote it: the hash and the subject, or that
// it is a working tree, whose subject would be that of another state of it.
func revisionWords(r *ancmbench.Revision) string {
	switch {
	case r.Modified:
		return "working tree on " + plain(r.Commit)
	case r.Subject == "":
		return plain(r.Commit)
	}
	return plain(r.Commit) + " " + short(r.Subject, longestSubject)
}

// builtFrom names the revision of each target that has one: "base 1a2b3c4 Keep alive;
// head working tree on 5d6e7f8". It is empty where none is known.
func builtFrom(targets []ancmbench.TargetInfo) string {
	var words []string
	for _, t := range targets {
		if t.Revision != nil && t.TwinOf == "" {
			words = append(words, plain(t.Name)+" "+revisionWords(t.Revision))
		}
	}
	return strings.Join(words, "; ")
}

// builtFrom names the revisions that the verdict compares.
func (v *Verdict) builtFrom() string {
	return builtFrom([]ancmbench.TargetInfo{{Name: v.Baseline, Revision: v.BaselineRevision}, {Name: v.Target, Revision: v.TargetRevision}})
}
