package render

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/words"
)

// mostAnnotations is the number of annotations that stay readable; GitHub drops those beyond
// ten per step without a word.
const mostAnnotations = 5

// Annotations are GitHub workflow commands, at most 5, one per line: an ::error
// for each metric that failed or for what made the gate invalid, a ::warning for
// each that is without decision, naming the smallest detectable effect, and
// for each note. What does not fit is gathered in the last line.
func Annotations(v *gate.Verdict) []string {
	var lines []annotation
	if v.Outcome == gate.Invalid {
		for _, r := range v.Reasons {
			lines = append(lines, annotation{"error", "gate invalid", r})
		}
	} else {
		for _, m := range v.Gated() {
			if m.Outcome == gate.Fail {
				lines = append(lines, annotation{"error", "regression: " + m.Name(v), m.Name(v) + ": " + m.Why + m.MarginWords()})
			}
		}
		for _, m := range v.Undecided() {
			if !m.Advisory {
				lines = append(lines, annotation{"warning", string(m.Outcome) + ": " + m.Name(v), m.Name(v) + ": " + m.Why + "; " + m.Told()})
			}
		}
	}
	for _, n := range v.Notes {
		lines = append(lines, annotation{"warning", "gate", n})
	}
	for _, m := range v.Metrics {
		if m.Advisory && m.Outcome == gate.Fail {
			lines = append(lines, annotation{"warning", "advisory: " + m.Name(v), m.Name(v) + ": " + m.Why + m.MarginWords()})
		}
	}
	if len(lines) > mostAnnotations {
		rest := lines[mostAnnotations-1:]
		last := annotation{"warning", fmt.Sprintf("gate: %d more", len(rest)), ""}
		var texts []string
		for _, a := range rest {
			if a.level == "error" {
				last.level = "error"
			}
			texts = append(texts, a.text)
		}
		last.text = cut(strings.Join(texts, "\n"), 4000)
		lines = append(lines[:mostAnnotations-1], last)
	}
	out := make([]string, len(lines))
	for i, a := range lines {
		out[i] = a.String()
	}
	return out
}

type annotation struct{ level, title, text string }

// String escapes as GitHub's toolkit does: % and line ends everywhere, and colon
// and comma in properties as well.
func (a annotation) String() string {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	return fmt.Sprintf("::%s title=%s::%s", a.level, property.Replace(a.title), data.Replace(a.text))
}

// cut returns at most n bytes of whole runes, with a mark where text is missing.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n-len("…")], "") + "…"
}

// GateJSON writes the verdict as one object, ended by a line feed.
func GateJSON(w io.Writer, v *gate.Verdict) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("gate json: %w", err)
	}
	return nil
}

// Outputs returns the lines for $GITHUB_OUTPUT.
func Outputs(v *gate.Verdict) string {
	return fmt.Sprintf("outcome=%s\nexit-code=%d\nfresh-starts=%d\n", v.Outcome, v.ExitCode, v.Launches)
}

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string `xml:"name,attr"`
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skipped  int    `xml:"skipped,attr"`
	Time     string `xml:"time,attr"`
	// Properties come before the cases: readers that check the order want it so.
	Properties *junitProperties `xml:"properties"`
	Cases      []junitCase      `xml:"testcase"`
}

type junitProperties struct {
	Property []junitProperty `xml:"property"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// junitRevisions returns the properties baseline.revision and target.revision, of what is
// known; nil where nothing is.
func junitRevisions(v *gate.Verdict) *junitProperties {
	var p junitProperties
	if v.BaselineRevision != nil {
		p.Property = append(p.Property, junitProperty{"baseline.revision", figures.RevisionWords(v.BaselineRevision)})
	}
	if v.TargetRevision != nil {
		p.Property = append(p.Property, junitProperty{"target.revision", figures.RevisionWords(v.TargetRevision)})
	}
	if p.Property == nil {
		return nil
	}
	return &p
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitMessage `xml:"failure"`
	Error   *junitMessage `xml:"error"`
	Skipped *junitMessage `xml:"skipped"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the verdict as JUnit XML: a case per metric, and one more that is
// an error where the gate is invalid. Without a decision a case is an error, or
// skipped if that is allowed; an advisory metric never fails.
func JUnit(w io.Writer, v *gate.Verdict) error {
	s := junitSuite{Name: junitName, Time: fmt.Sprintf("%.3f", v.Elapsed.Float()), Properties: junitRevisions(v)}
	add := func(c junitCase) {
		s.Tests++
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
		s.Cases = append(s.Cases, c)
	}
	class := words.Plain("ancmbench.gate." + string(v.Form))
	if v.Outcome == gate.Invalid {
		why := strings.Join(v.Reasons, "\n")
		add(junitCase{Class: class, Name: "measurement", Error: &junitMessage{"invalid", why}})
	}
	for _, m := range v.Metrics {
		c := junitCase{Class: class, Name: m.Name(v), Out: strings.Join(m.Cells(v)[1:], "  ") + "\n" + m.Why}
		switch msg := &(junitMessage{m.Why, m.Told()}); {
		case v.Outcome == gate.Invalid:
			c.Skipped = &junitMessage{"the gate is invalid", ""}
		case m.Advisory || m.Outcome == gate.Pass:
		case m.Outcome == gate.Fail:
			c.Failure = msg
		case v.Allowed || v.Outcome == gate.Fail:
			c.Skipped = msg
		default:
			c.Error = msg
		}
		add(c)
	}
	return writeJUnit(w, s)
}
