package ancmbench

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// RunVersion is the version of the results file that this package writes. A reader
// accepts only its own version. The number grows when a field changes its meaning, not
// when a field is added.
const RunVersion = 1

// ResultFile is the name of the results file within a run's directory.
const ResultFile = "result.json"

// Subject says what was measured; every output shows it.
type Subject string

// The subjects.
const (
	SubjectReference Subject = "reference models (Go), not IIS, not .NET"
	SubjectProgram   Subject = "our module (Go, not IIS) in front of your program"
	SubjectServers   Subject = "your servers"
	SubjectBoth      Subject = "reference models (Go), not IIS, not .NET, and your servers"
	SubjectIIS       Subject = "IIS"
)

// Run is the content of the results file: everything that reports need.
type Run struct {
	Version int     `json:"version"`
	Subject Subject `json:"subject"`
	// Program is the command line of the user's program that the models hosted, without
	// private details; empty if they hosted our own app.
	Program string `json:"program,omitempty"`
	Tool    Tool   `json:"tool"`
	// Started is the wall-clock time in UTC, to the second.
	Started time.Time `json:"started"`
	// Elapsed is the time from the start to the last trial.
	Elapsed Seconds `json:"elapsed_seconds"`
	// Seed decides every random choice.
	Seed    uint64  `json:"seed"`
	Profile Profile `json:"profile"`
	// Host is the machine of the coordinator. Machines are those of the agents, in the
	// order of joining; empty if all ran on Host.
	Host     Host      `json:"host"`
	Machines []Machine `json:"machines,omitempty"`
	// Targets are what is compared, the baseline first.
	Targets []TargetInfo `json:"targets"`
	// Command repeats the run, seed included.
	Command []string `json:"command"`
	Plan    []Trial  `json:"plan"`
	Results []Result `json:"results"`
	// LaunchesDone is the number of fresh starts with all their trials in Results.
	LaunchesDone int       `json:"launches_done"`
	State        RunState  `json:"state"`
	Reason       string    `json:"reason,omitempty"`
	Warnings     []Warning `json:"warnings,omitempty"`
	// Events are the faults of the hosting models, in order of time; older files have
	// none.
	Events []SiteEvent `json:"events,omitempty"`
	// Warmups are those of the targets in .NET; other runs have none.
	Warmups []Warmup `json:"warmups,omitempty"`
}

// Machine is a machine on which an agent worked for the run.
type Machine struct {
	// Name is "load 1", "serve" and so on: machines have no names in a results file.
	Name string `json:"name"`
	// Load and Serve say what it did.
	Load  bool `json:"load,omitempty"`
	Serve bool `json:"serve,omitempty"`
	Host  Host `json:"host"`
}

// RunState says whether and how a run ended.
type RunState string

// The states of a run.
const (
	Running     RunState = "running" // or killed, so that it could not write how it ended
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

// TargetInfo says what a target is.
type TargetInfo struct {
	Name string `json:"name"`
	// Model is empty for a server of the user's.
	Model Model `json:"model,omitempty"`
	// Front is "lean" or "nethttp" for a bundled model.
	Front string `json:"front,omitempty"`
	// Protocol is the protocol used with a bundled model's front: "https" is HTTP/1.1
	// and "h2" HTTP/2, both over TLS; "h2c" is HTTP/2 without TLS; empty is HTTP/1.1
	// without TLS.
	Protocol string `json:"protocol,omitempty"`
	// Native names the native modules in front of the model. Their cost is included in
	// its figures.
	Native []string `json:"native,omitempty"`
	// Local reports whether the server's processes were found on this machine.
	Local bool `json:"local"`
	// AlreadyRunning reports whether it was running before and nobody restarted it, so
	// that all fresh starts met the same processes.
	AlreadyRunning bool   `json:"already_running,omitempty"`
	Roles          []Role `json:"roles,omitempty"`
	// Processes are those counted in the last fresh start, and why; older files have none.
	Processes []Process `json:"processes,omitempty"`
	TwinOf    string    `json:"twin_of,omitempty"`
	// Revision is what the server was built from; nil if that is not known.
	Revision *Revision `json:"revision,omitempty"`
}

// WriteFile writes the run to path, as WriteWhole does. If it fails, an earlier file at
// path is unchanged.
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
