package render

import (
	"encoding/xml"
	"fmt"
	"io"

	"ancmbench/reports/page"
)

// NoVerdict is what a CI system receives from a gate that did not get as far as a
// verdict: a build that failed, a server that did not start. Its outcome is the
// word error, so that no step mistakes it for a decision, or for none.
type NoVerdict struct {
	// Why is one sentence.
	Why      string
	ExitCode int
}

const noVerdict = "error"

// Outputs returns the lines for $GITHUB_OUTPUT.
func (n NoVerdict) Outputs() string {
	return fmt.Sprintf("outcome=%s\nexit-code=%d\nfresh-starts=0\n", noVerdict, n.ExitCode)
}

// Annotation returns a GitHub workflow command.
func (n NoVerdict) Annotation() string {
	return annotation{"error", "gate: no verdict", cut(n.Why, 4000)}.String()
}

// Markdown writes it as GateMarkdown writes a verdict.
func (n NoVerdict) Markdown(w io.Writer) error {
	m := &page.Markdown{}
	m.Line("### 🚫 Gate: %s\n", noVerdict)
	m.Line("%s\n", page.MarkdownText("no verdict: "+cut(n.Why, 2000)))
	m.Line("<sub>exit %d</sub>", n.ExitCode)
	return m.Into(w)
}

// JUnit writes it as JUnit XML: one case, which is an error.
func (n NoVerdict) JUnit(w io.Writer) error {
	return writeJUnit(w, junitSuite{Name: junitName, Tests: 1, Errors: 1, Time: "0.000", Cases: []junitCase{
		{Class: "ancmbench.gate", Name: "measurement", Error: &junitMessage{noVerdict, n.Why}}}})
}

const junitName = "ancmbench gate"

func writeJUnit(w io.Writer, s junitSuite) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", " ")
	if err := enc.Encode(junitSuites{Suite: s}); err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}
