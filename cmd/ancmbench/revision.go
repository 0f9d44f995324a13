package main

import (
	"context"
	"strings"

	"ancmbench"
)

// revisionOf returns a revision as people quote it, with its hash, since a name such as
// HEAD~1 is another commit tomorrow. It overrides the user's settings of git that would add
// signatures or another encoding. With an error the commit is unknown.
func revisionOf(ctx context.Context, rev string) (ancmbench.Revision, error) {
	out, err := git(ctx, "log", "-1", "--no-show-signature", "--encoding=UTF-8", "--no-color", "--format=%h%n%s", rev+"^{commit}", "--")
	if err != nil {
		return ancmbench.Revision{Commit: "unknown"}, err
	}
	commit, subject, _ := strings.Cut(strings.TrimSpace(out), "\n")
	return ancmbench.Revision{Commit: commit, Subject: strings.ToValidUTF8(subject, "?")}, nil
}

// ownRevision returns the revision of our own tree, which is measured as it is. The files
// ours were written by this program and do not count as changes.
func ownRevision(ctx context.Context, ours []string) (ancmbench.Revision, error) {
	r, err := revisionOf(ctx, "HEAD")
	if err != nil {
		return r, err
	}
	r.Modified, err = modified(ctx, ours)
	return r, err
}

// revisionWords returns the revision of our own tree in short.
func revisionWords(head ancmbench.Revision) string {
	if head.Modified {
		return head.Commit + " with what is not committed"
	}
	return head.Commit
}
