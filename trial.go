package ancmbench

// Trial is one phase of one fresh start on a set of targets.
type Trial struct {
	// Index is the trial's number in the run, from 0, in the planned order.
	Index int `json:"index"`
	// Launch is the number of the fresh start in the run, from 0.
	Launch int `json:"launch"`
	// Attempt counts the repetitions of an invalid trial, from 0.
	Attempt int   `json:"attempt,omitempty"`
	Phase   Phase `json:"phase"`
	// Targets are the names of the targets, in the order in which this fresh start
	// started them.
	Targets []string `json:"targets"`
}
