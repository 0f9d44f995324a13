package ancmbench

// Trial is one phase of one launch on a set of targets.
type Trial struct {
	// Index counts the trials of a run from 0, in the order they are planned.
	Index int `json:"index"`
	// Launch counts the fresh starts of a run from 0.
	Launch int `json:"launch"`
	// Attempt is 0, and counts up when a void trial is repeated.
	Attempt int   `json:"attempt,omitempty"`
	Phase   Phase `json:"phase"`
	// Targets are the names of the targets, in the order in which they were
	// started in this launch.
	Targets []string `json:"targets"`
}
