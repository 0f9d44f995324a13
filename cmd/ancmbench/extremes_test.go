package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// Which of the files are tried: all of them, with -every=1, take two minutes.
var (
	everyNth     = flag.Int("every", 29, "try each so manieth of the extreme files")
	extremesFrom = flag.Int("from", 0, "where to begin")
)

// extremes are values that a results file may have and no run ever had; which of them a
// field takes, its bounds decide.
var extremes = []string{extremeHistogram(ancmbench.HistogramMin), extremeHistogram(ancmbench.HistogramMax), "0", "1", "-1", "1e-300", "-1e-300", "99999999", "1e8", "-1e8", "1e18", "-1e18", "1099511627776", "1125899906842624", "9007199254740992",
	"999", "1.7976931348623157e308", "-1.7976931348623157e308", "null", `""`, "[]", "{}", "true"}

// extremeHistogram has as many samples as one may have, all of one duration.
func extremeHistogram(d time.Duration) string {
	var h ancmbench.Histogram
	h.RecordN(d, 1<<40)
	b, err := json.Marshal(h)
	if err != nil {
		panic(err)
	}
	return string(b)
}

var position = regexp.MustCompile(`\[[0-9]+\]`)

// places are the ways to every value of a document, one for each field however often it
// is there.
func places(v any, path string, seen map[string]string) {
	if plain := position.ReplaceAllString(path, "[]"); seen[plain] == "" {
		seen[plain] = path
	}
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			places(e, path+"."+k, seen)
		}
	case []any:
		for i, e := range v {
			places(e, fmt.Sprintf("%s[%d]", path, i), seen)
		}
	}
}

// with gives the document with another value at a place, or at every place that is
// called so.
func with(v any, path, at string, everywhere bool, value any) any {
	if path == at || everywhere && position.ReplaceAllString(path, "[]") == position.ReplaceAllString(at, "[]") {
		return value
	}
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = with(e, path+"."+k, at, everywhere, value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = with(e, fmt.Sprintf("%s[%d]", path, i), at, everywhere, value)
		}
		return out
	}
	return v
}

// Whatever a file has for numbers, or lacks, every verb that reads it ends with an answer
// or one fault, and none with a panic.
func TestExtremeFilesEndWithAnAnswer(t *testing.T) {
	if underRace {
		t.Skip("skipped under the race detector: one goroutine draws and writes, ten times slower, and no race to find")
	}
	t.Setenv("HOME", t.TempDir())
	t.Chdir(t.TempDir())
	storedRun(t, "good")
	text, err := os.ReadFile(filepath.Join("good", ancmbench.ResultFile))
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	places(doc, "", seen)
	var all []string
	for plain := range seen {
		all = append(all, plain)
	}
	slices.Sort(all)
	if err := os.Mkdir("run", 0o755); err != nil {
		t.Fatal(err)
	}
	read, n, every := 0, 0, *everyNth
	if underRace {
		every *= 10 // as in TestOutputsAreNotSteered
	}
	for _, plain := range all {
		for _, value := range extremes {
			if n++; (n+*extremesFrom)%every != 0 {
				continue
			}
			b, err := json.Marshal(with(doc, "", seen[plain], n%2 == 0, json.RawMessage(value)))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join("run", ancmbench.ResultFile), b, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := readRun("run"); err == nil {
				read++
			}
			for _, line := range []string{"report run", "compare good run", "gate --result=run", "export run"} {
				ends(t, line, fmt.Sprintf("%s = %s", plain, value))
			}
		}
	}
	if tried := n / every; read < tried/10 {
		t.Errorf("only %d of %d files were read at all", read, tried)
	}
}

func ends(t *testing.T, line, about string) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s: ancmbench %s: %v", about, line, p)
		}
	}()
	out, err := printed(t, line)
	if err != nil && strings.Count(err.Error(), "\n") > ancmbench.MaxFaults {
		t.Errorf("%s: ancmbench %s: %.300v", about, line, err)
	}
	if strings.Contains(string(out), "NaN") || strings.Contains(string(out), "Inf") {
		t.Errorf("%s: ancmbench %s prints a number that is none:\n%.600s", about, line, out)
	}
}
