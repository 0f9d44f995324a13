package httpsys

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// specReport is what h2spec says of a server: the cases that ran, and which of
// them failed with what.
type specReport struct {
	ran    map[string]bool
	failed map[string]string
}

// specSummary is the last line that h2spec prints, which counts by itself what the
// report says case by case.
var specSummary = regexp.MustCompile(`(?m)^(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed$`)

// readReport reads h2spec's report and holds it against what it printed. It fails
// on a report that is empty, cut off or another tool's, on an element in a case that
// it does not know, and where report and print disagree.
func readReport(report, printed []byte) (*specReport, error) {
	var root struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []struct {
			Package string `xml:"package,attr"`
			Tests   int    `xml:"tests,attr"`
			Cases   []struct {
				Name string `xml:"classname,attr"`
				Ends []struct {
					XMLName xml.Name
					Text    string `xml:",chardata"`
				} `xml:",any"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	// h2spec writes what it sent as it stands, NUL included, which no XML may hold.
	report = bytes.ReplaceAll(report, []byte{0}, []byte("?"))
	if err := xml.Unmarshal(report, &root); err != nil {
		return nil, fmt.Errorf("h2spec's report: %w", err)
	}
	got := &specReport{ran: map[string]bool{}, failed: map[string]string{}}
	var faults []error
	skipped, cases := 0, 0
	for _, s := range root.Suites {
		if s.Tests != len(s.Cases) {
			faults = append(faults, fmt.Errorf("suite %s: %d cases where it counts %d", s.Package, len(s.Cases), s.Tests))
		}
		for i, c := range s.Cases {
			cases++
			// Some names are there twice in a suite; the number tells them apart, and
			// is what h2spec's command line calls the case.
			name := fmt.Sprintf("%s/%d %s", s.Package, i+1, c.Name)
			got.ran[name] = true
			for _, end := range c.Ends {
				switch end.XMLName.Local {
				case "error", "failure": // h2spec writes the first
					got.failed[name] = end.Text
				case "skipped":
					skipped++
				default:
					faults = append(faults, fmt.Errorf("case %s ends in <%s>, which nobody knows here", name, end.XMLName.Local))
				}
			}
		}
	}
	m := specSummary.FindSubmatch(printed)
	if m == nil {
		return nil, errors.Join(append(faults, errors.New("h2spec printed no summary"))...)
	}
	said := make([]int, 5)
	for i := 1; i < len(m); i++ {
		said[i], _ = strconv.Atoi(string(m[i])) // digits by the pattern
	}
	if cases == 0 || said[1] != cases || said[3] != skipped || said[4] != len(got.failed) {
		faults = append(faults, fmt.Errorf("the report has %d cases, %d skipped, %d failed; h2spec printed %q", cases, skipped, len(got.failed), m[0]))
	}
	return got, errors.Join(faults...)
}

// h2specRun runs the cases of these specs against a port of this machine, all of
// them if there is none. Exit code 1 means that cases failed.
func h2specRun(t *testing.T, tool, port string, specs ...string) *specReport {
	t.Helper()
	report := filepath.Join(t.TempDir(), "report.xml")
	args := append([]string{"-h", "127.0.0.1", "-p", port, "-o", "1", "-j", report}, specs...)
	printed, err := exec.Command(tool, args...).CombinedOutput()
	text, readErr := os.ReadFile(report)
	if readErr != nil {
		t.Fatalf("h2spec: %v: %s", err, printed)
	}
	got, err := readReport(text, printed)
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	return got
}

// The reader of the report takes nothing for a good report that is none.
func TestReadReport(t *testing.T) {
	const (
		pass    = `<testcase package="p" classname="a" time="0.1"></testcase>`
		fail    = `<testcase package="p" classname="a" time="0.1"><error>Expected: GOAWAY</error></testcase>`
		summary = "Finished in 1 seconds\n1 tests, 1 passed, 0 skipped, 0 failed\n"
		oneFail = "Finished in 1 seconds\n1 tests, 0 passed, 0 skipped, 1 failed\n"
	)
	suites := func(cases string) string {
		return `<?xml version="1.0"?><testsuites><testsuite package="p" tests="1">` + cases + `</testsuite></testsuites>`
	}
	for _, c := range []struct {
		name, report, printed string
		failed                int
		bad                   bool
	}{
		{"all pass", suites(pass), summary, 0, false},
		{"one fails", suites(fail), oneFail, 1, false},
		{"one fails, in the words of other tools", suites(`<testcase classname="a"><failure>x</failure></testcase>`), oneFail, 1, false},
		{"empty", "", summary, 0, true},
		{"no suite", "<testsuites></testsuites>", summary, 0, true},
		{"cut off", suites(pass)[:90], summary, 0, true},
		{"another tool's", `<report><testsuite tests="1">` + pass + `</testsuite></report>`, summary, 0, true},
		{"fewer cases than the suite counts", suites(""), summary, 0, true},
		{"an end that nobody knows", suites(`<testcase classname="a"><broken>x</broken></testcase>`), oneFail, 0, true},
		{"the print knows of a failure more", suites(pass), oneFail, 0, true},
		{"the print knows of none", suites(fail), summary, 1, true},
		{"nothing printed", suites(pass), "", 0, true},
		{"the print is cut off", suites(pass), "Finished in 1 seconds\n1 tests, 1 pas", 0, true},
	} {
		got, err := readReport([]byte(c.report), []byte(c.printed))
		if (err != nil) != c.bad || err == nil && len(got.failed) != c.failed {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
	if _, err := readReport(nil, []byte(summary)); !errors.Is(err, io.EOF) {
		t.Errorf("an empty report: %v", err)
	}
}
