package main

import (
	"context"
	"os/exec"
	"strings"

	"ancmbench"
)

// revisionOf is a revision as people quote it, since its name may move: HEAD~1 is
// another one tomorrow. What nobody has set up to be read otherwise is asked for:
// signatures and another encoding would stand among the words.
func revisionOf(ctx context.Context, rev string) ancmbench.Revision {
	out, err := exec.CommandContext(ctx, "git", "log", "-1", "--no-show-signature", "--encoding=UTF-8", "--no-color",
		"--format=%h%n%s", rev+"^{commit}", "--").Output()
	if err != nil {
		return ancmbench.Revision{Commit: "unknown"}
	}
	commit, subject, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return ancmbench.Revision{Commit: commit, Subject: strings.ToValidUTF8(subject, "?")}
}

// ownRevision is what our own tree holds, which is measured as it is.
func ownRevision(ctx context.Context) ancmbench.Revision {
	r := revisionOf(ctx, "HEAD")
	if out, err := exec.CommandContext(ctx, "git", "status", "--porcelain").Output(); err == nil && len(out) > 0 {
		r.Modified = true
	}
	return r
}

// revisionWords say in short what our own tree holds.
func revisionWords(head ancmbench.Revision) string {
	if head.Modified {
		return head.Commit + " with what is not committed"
	}
	return head.Commit
}
