package ancmbench

// Revision is the state of the source that a server was built from, where it was
// taken out of a repository.
type Revision struct {
	// Commit is its hash, short; with Modified, of the commit that the working tree
	// is based on.
	Commit string `json:"commit"`
	// Subject is the first line of the commit's message.
	Subject string `json:"subject,omitempty"`
	// Modified tells that it was a working tree with what is not committed, files
	// unknown to the repository included.
	Modified bool `json:"modified,omitempty"`
}
