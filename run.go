package ancmbench

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// RunVersion is the version of the results file that this package writes. A
// reader takes its own version only: the number grows when a field changes its
// meaning, not when one is added.
const RunVersion = 1

// ResultFile is the name of the results file within a run's directory.
const ResultFile = "result.json"

// Subject says what was measured, in the words of every output.
type Subject string

// The subjects.
const (
	SubjectReference Subject = "reference models (Go), not IIS, not .NET"
	SubjectProgram   Subject = "our module (Go, not IIS) in front of your program"
	SubjectServers   Subject = "your servers"
	SubjectBoth      Subject = "reference models (Go), not IIS, not .NET, and your servers"
	SubjectIIS       Subject = "IIS"
)

// Run is the results file: everything that reports need, and nothing else.
type Run struct {
	Version int     `json:"version"`
	Subject Subject `json:"subject"`
	// Program is the command line of the user's program that the models hosted,
	// without what must not leave the machine; empty unless Subject is SubjectProgram.
	Program string `json:"program,omitempty"`
	Tool    Tool   `json:"tool"`
	// Started is the wall-clock time in UTC, to the second.
	Started time.Time `json:"started"`
	// Elapsed is the time from the start to the last trial.
	Elapsed Seconds `json:"elapsed_seconds"`
	// Seed decides the order of everything that is drawn.
	Seed    uint64  `json:"seed"`
	Profile Profile `json:"profile"`
	Host    Host    `json:"host"`
	// Targets are the things compared, the baseline first.
	Targets []TargetInfo `json:"targets"`
	// Command repeats the run, seed included.
	Command []string `json:"command"`
	Plan    []Trial  `json:"plan"`
	Results []Result `json:"results"`
	// LaunchesDone is the number of fresh starts all of whose trials are in Results.
	LaunchesDone int       `json:"launches_done"`
	State        RunState  `json:"state"`
	Reason       string    `json:"reason,omitempty"`
	Warnings     []Warning `json:"warnings,omitempty"`
	// Events are what went wrong with the sites that were measured, in their order;
	// older files have none.
	Events []SiteEvent `json:"events,omitempty"`
}

// RunState says how far a run came.
type RunState string

// The states of a run.
const (
	Running     RunState = "running" // or ended without a word, by kill -9
	Complete    RunState = "complete"
	Interrupted RunState = "interrupted"
	Failed      RunState = "failed"
)

// Tool says which program measured.
type Tool struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	// Modules maps the load and statistics libraries to their versions.
	Modules map[string]string `json:"modules,omitempty"`
}

// TargetInfo says what a target's name stands for.
type TargetInfo struct {
	Name string `json:"name"`
	// Model is empty for a server of the user's.
	Model Model `json:"model,omitempty"`
	// Front is "lean" or "nethttp" for a bundled model.
	Front string `json:"front,omitempty"`
	// Protocol is how a bundled model's front was spoken to: "https" is HTTP/1.1 and
	// "h2" HTTP/2, both over TLS, "h2c" HTTP/2 without; empty is HTTP/1.1 without.
	Protocol string `json:"protocol,omitempty"`
	// Native are the native modules in front of the model, whose cost is in its
	// figures; empty is none.
	Native []string `json:"native,omitempty"`
	// Local tells whether the server's processes could be found on this machine.
	Local  bool   `json:"local"`
	Roles  []Role `json:"roles,omitempty"`
	TwinOf string `json:"twin_of,omitempty"`
	// Revision is what the server was built from; nil if that is not known.
	Revision *Revision `json:"revision,omitempty"`
}

// WriteFile writes the run to path, as WriteWhole does.
func (r *Run) WriteFile(path string) error {
	if err := WriteWhole(path, r.encode); err != nil {
		return fmt.Errorf("results file: %w", err)
	}
	return nil
}

func (r *Run) encode(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}
