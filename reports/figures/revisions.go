package figures

import (
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/words"
)

// LongestSubject is the largest number of runes of a commit's subject that are shown: what
// git's own manual recommends, and half as much again.
const LongestSubject = 75

// RevisionOf returns what a target of the run was built from; nil if that is not known.
func RevisionOf(run *ancmbench.Run, target string) *ancmbench.Revision {
	i := slices.IndexFunc(run.Targets, func(t ancmbench.TargetInfo) bool { return t.Name == target })
	if i < 0 {
		return nil
	}
	return run.Targets[i].Revision
}

// RevisionWords returns a revision as people quote it: hash and subject, or "working tree",
// because the subject would be that of another state of it.
func RevisionWords(r *ancmbench.Revision) string {
	switch {
	case r.Modified:
		return "working tree on " + words.Plain(r.Commit)
	case r.Subject == "":
		return words.Plain(r.Commit)
	}
	return words.Plain(r.Commit) + " " + words.Short(r.Subject, LongestSubject)
}

// BuiltFrom names the revision of each target that has one: "base 1a2b3c4 Keep alive;
// head working tree on 5d6e7f8". It is empty where none is known.
func BuiltFrom(targets []ancmbench.TargetInfo) string {
	var said []string
	for _, t := range targets {
		if t.Revision != nil && t.TwinOf == "" {
			said = append(said, words.Plain(t.Name)+" "+RevisionWords(t.Revision))
		}
	}
	return strings.Join(said, "; ")
}
