package render

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/sentences"
)

// DocumentVersion grows when a field of Document changes its meaning.
const DocumentVersion = 1

// Document is the one object that JSON writes.
type Document struct {
	Version int               `json:"version"`
	Subject ancmbench.Subject `json:"subject"`
	Program string            `json:"program,omitempty"`
	// Answer is the same sentences as on the screen.
	Answer  []string           `json:"answer"`
	State   ancmbench.RunState `json:"state"`
	Reason  string             `json:"reason,omitempty"`
	Started time.Time          `json:"started"`
	Elapsed ancmbench.Seconds  `json:"elapsed_seconds"`
	Profile string             `json:"profile"`
	Seed    uint64             `json:"seed"`
	Command []string           `json:"command"`
	// Report is the file with all that the run showed; empty if none was written.
	Report string         `json:"report,omitempty"`
	Tool   ancmbench.Tool `json:"tool"`
	*figures.Analysis
}

// JSON writes the analysis as one object, ended by a line feed; report is the path of
// the page that was written of it, or empty.
func JSON(w io.Writer, run *ancmbench.Run, a *figures.Analysis, report string) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	err := enc.Encode(Document{
		Version: DocumentVersion, Subject: run.Subject, Program: run.Program, Answer: sentences.Answer(run, a),
		State: run.State, Reason: run.Reason, Started: run.Started, Elapsed: run.Elapsed,
		Profile: run.Profile.Name, Seed: run.Seed, Command: run.Command, Report: report, Tool: run.Tool,
		Analysis: a,
	})
	if err != nil {
		return fmt.Errorf("json report: %w", err)
	}
	return nil
}
