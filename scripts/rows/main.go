// Command rows reads the output of "go test -json", shows it as go test would, and compares
// it with CONFORMANCE.md: it fails if a test that is named there did not pass or did not
// run. .ci/run uses it:
//
//	go test ./... -json | go run ./scripts/rows
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

func main() {
	file := flag.String("file", "CONFORMANCE.md", "table whose second last column names the tests")
	some := flag.Bool("some", false, "this machine cannot run every test: say which, and go on")
	absent := flag.String("absent", "", "names of tests, a regular expression, that need what this machine lacks: say which, and go on")
	flag.Parse()
	without, err := lacking(*absent)
	if err != nil {
		fmt.Fprintln(os.Stderr, "rows: -absent:", err)
		os.Exit(2)
	}
	table, err := os.ReadFile(*file)
	if err == nil {
		err = check(os.Stdin, os.Stdout, string(table), *some, without)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "rows:", err)
		os.Exit(1)
	}
}

// lacking finds the names of tests that cannot run here.
func lacking(pattern string) (*regexp.Regexp, error) {
	if pattern == "" {
		pattern = `$^` // no name
	}
	return regexp.Compile(pattern)
}

// event is a line of go test -json (go doc test2json).
type event struct {
	Action, Package, Test, Output string
	ImportPath                    string
}

// seen are the ends of tests: "pass", "fail" or "skip" by name.
type seen map[string][]string

// check passes the tests' report on, and fails if a test of the table did not pass.
func check(in io.Reader, out io.Writer, table string, some bool, absent *regexp.Regexp) error {
	ends, failed, err := follow(in, out)
	if failed {
		return errors.New("go test failed")
	}
	if err != nil {
		return err
	}
	names := named(table)
	if len(names) == 0 {
		return errors.New("the table names no test")
	}
	missing, needed := 0, 0
	for _, name := range names {
		if why := ends.lacks(name); why != "" {
			missing++
			if !absent.MatchString(name) {
				needed++
			}
			fmt.Fprintf(out, "%s %s: not shown by this run\n", name, why)
		}
	}
	fmt.Fprintf(out, "%d of %d tests of the table passed\n", len(names)-missing, len(names))
	if needed > 0 && !some {
		return fmt.Errorf("%d tests of the table did not pass", needed)
	}
	return nil
}

// follow prints the line of each package, and all that a failed test wrote.
func follow(in io.Reader, out io.Writer) (ends seen, failed bool, err error) {
	ends = seen{}
	wrote := map[string]string{} // by package and test
	running := map[string]bool{} // packages that have begun; false once they have ended
	for d := json.NewDecoder(in); ; {
		var e event
		if err := d.Decode(&e); errors.Is(err, io.EOF) {
			return ends, failed, whole(running)
		} else if err != nil {
			return nil, false, fmt.Errorf("not what go test -json writes: %w", err)
		}
		key := e.Package + " " + e.Test
		switch {
		case e.Action == "build-output":
			fmt.Fprint(out, e.Output)
		case e.Action == "build-fail":
			failed = true
		case e.Action == "output" && e.Test == "" && e.Output != "PASS\n":
			fmt.Fprint(out, e.Output)
		case e.Action == "output":
			wrote[key] += e.Output
		case e.Action == "fail":
			failed = true
			fmt.Fprint(out, wrote[key])
		}
		if !slices.Contains([]string{"pass", "fail", "skip"}, e.Action) {
			if e.Package != "" {
				running[e.Package] = true
			}
			continue
		}
		if e.Test == "" {
			running[e.Package] = false
			continue
		}
		running[e.Package] = true
		ends[e.Test] = append(ends[e.Test], e.Action)
		delete(wrote, key)
	}
}

// whole fails if a report is empty or was cut off: every package that begins must end.
func whole(running map[string]bool) error {
	if len(running) == 0 {
		return errors.New("not what go test -json writes: no package is in it")
	}
	for name, still := range running {
		if still {
			return fmt.Errorf("the report was cut off: %s does not end", name)
		}
	}
	return nil
}

var rowName = regexp.MustCompile("`((?:CF|IP|OP|BM|WA)-\\d\\d_[^`]*)`")

// named are the tests of the table, each once.
func named(table string) []string {
	var out []string
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		for _, m := range rowName.FindAllStringSubmatch(line, -1) {
			if !slices.Contains(out, m[1]) {
				out = append(out, m[1])
			}
		}
	}
	return out
}

// lacks says why a name, whose stars stand for anything, is not shown; empty if a
// subtest of it passed and none was skipped.
func (s seen) lacks(name string) string {
	// A name that is there twice gets a number from the testing package.
	pattern := regexp.MustCompile(`/` + strings.ReplaceAll(regexp.QuoteMeta(name), `\*`, `.*`) + `(#\d+)?$`)
	var ends []string
	for test, how := range s {
		if pattern.MatchString(test) {
			ends = append(ends, how...)
		}
	}
	switch {
	case len(ends) == 0:
		return "did not run"
	case slices.Contains(ends, "fail"):
		return "failed"
	case slices.Contains(ends, "skip"):
		return "was skipped"
	}
	return ""
}
