package main

import (
	"context"
	"strings"

	"ancmbench"
)

// revisionOf returns a revision as people quote it, since its name may move: HEAD~1 is
// another one tomorrow. What nobody has set up to be read otherwise is asked for:
// signatures and another encoding would stand among the words. With an error the commit
// is unknown.
func revisionOf(ctx context.Context, rev string) (ancmbench.Revision, error) {
	out, err := git(ctx, "log", "-1", "--no-show-signature", "--encoding=UTF-8", "--no-color", "--format=%h%n%s", rev+"^{commit}", "--")
	if err != nil {
		return ancmbench.Revision{Commit: "unknown"}, err
	}
	commit, subject, _ := strings.Cut(strings.TrimSpace(out), "\n")
	return ancmbench.Revision{Commit: commit, Subject: strings.ToValidUTF8(subject, "?")}, nil
}

// ownRevision returns what our own tree holds, which is measured as it is. The files ours
// are written by this program, and do not make it another.
func ownRevision(ctx context.Context, ours []string) (ancmbench.Revision, error) {
	r, err := revisionOf(ctx, "HEAD")
	if err != nil {
		return r, err
	}
	r.Modified, err = modified(ctx, ours)
	return r, err
}

// revisionWords say in short what our own tree holds.
func revisionWords(head ancmbench.Revision) string {
	if head.Modified {
		return head.Commit + " with what is not committed"
	}
	return head.Commit
}
