package ancmbench

// Revision is the state of the repository that a server was built from.
type Revision struct {
	// Commit is the short hash of the commit; with Modified, of the commit that the
	// working tree is based on.
	Commit string `json:"commit"`
	// Subject is the first line of the commit's message.
	Subject string `json:"subject,omitempty"`
	// Modified reports whether the working tree had uncommitted changes or untracked
	// files.
	Modified bool `json:"modified,omitempty"`
}
