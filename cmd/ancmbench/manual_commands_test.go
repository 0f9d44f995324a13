package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// manualBlock is a block of commands in a manual, with the output that is shown of it.
type manualBlock struct {
	file   string
	line   int
	notRun string // why it is not run; empty if it is
	text   string
	output string // of the block of text that follows; empty if there is none
}

var (
	fence    = regexp.MustCompile("(?m)^```(.*)\n((?s:.*?))^```\n")
	indented = regexp.MustCompile(`(?m)^ {4}(?:ancmbench|go|bash|sh|curl|wrk|\./|scripts/)\S* .*$`)
)

// manualFiles are README.md and all of docs/. CONTRIBUTING.md has the checks that CI runs.
func manualFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../docs/*.md")
	more, err2 := filepath.Glob("../../docs/*/*.md")
	if err := errors.Join(err, err2); err != nil || len(files) < 7 {
		t.Fatalf("%v, %v", files, err)
	}
	return slices.Concat([]string{"../../README.md"}, files, more)
}

// blocksOf returns the blocks of commands in a manual, which are fenced as sh. A fence that
// says "sh not-run: WHY" is only read.
func blocksOf(file, text string) (blocks []manualBlock, faults []string) {
	for _, line := range indented.FindAllString(fence.ReplaceAllString(text, ""), -1) {
		faults = append(faults, fmt.Sprintf("%s: %q is a command and in no fence of ```sh, so no test sees it", file, strings.TrimSpace(line)))
	}
	all := fence.FindAllStringSubmatchIndex(text, -1)
	for i, at := range all {
		info, body := text[at[2]:at[3]], text[at[4]:at[5]]
		if info != "sh" && !strings.HasPrefix(info, "sh ") {
			continue
		}
		b := manualBlock{file: file, line: 1 + strings.Count(text[:at[0]], "\n"), text: body}
		if why, ok := strings.CutPrefix(info, "sh not-run: "); ok && why != "" {
			b.notRun = why
		} else if info != "sh" {
			faults = append(faults, fmt.Sprintf("%s:%d: %q is neither sh nor sh not-run: WHY", file, b.line, info))
		}
		if i+1 < len(all) && text[all[i+1][2]:all[i+1][3]] == "text" && strings.TrimSpace(text[at[1]:all[i+1][0]]) == "" {
			b.output = text[all[i+1][4]:all[i+1][5]]
		}
		blocks = append(blocks, b)
	}
	return blocks, faults
}

// Every line of every block is a command that there is: verb, flags and number of arguments.
func TestManualsShowCommandsThatExist(t *testing.T) {
	blocks, lines := 0, 0
	for _, file := range manualFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found, faults := blocksOf(filepath.Base(file), string(text))
		for _, f := range faults {
			t.Error(f)
		}
		for _, b := range found {
			blocks++
			example := strings.ReplaceAll(b.text, "\\\n", " ")
			for _, words := range exampleCommands(strings.NewReplacer("go run ./cmd/ancmbench", "ancmbench", " &\n", "\n").Replace(example)) {
				lines++
				if i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "#") }); i >= 0 {
					words = words[:i]
				}
				if err := parsed(words); err != nil {
					t.Errorf("%s:%d: ancmbench %s: %v", b.file, b.line, strings.Join(words, " "), err)
				}
			}
		}
	}
	if blocks < 8 || lines < 10 {
		t.Errorf("only %d blocks with %d commands", blocks, lines)
	}
	_, faults := blocksOf("x", "    ancmbench nonsense\n\n```sh slow\nancmbench run\n```\n")
	if len(faults) != 2 {
		t.Errorf("faults of an invented manual: %q", faults)
	}
}

// shortened makes the commands of a manual end soon, and go to servers of the test: a run takes
// the profile smoke with one fresh start, a load 300 ms.
func shortened(text string, ports map[string]string) string {
	text = strings.ReplaceAll(text, "go run ./cmd/ancmbench", "ancmbench")
	text = regexp.MustCompile(`(?m)^(ancmbench run\b.*?)( --?profile[= ]\S+)?$`).ReplaceAllStringFunc(text, func(line string) string {
		if p := regexp.MustCompile(` --?profile[= ](\S+)`).FindStringSubmatch(line); p != nil && strings.HasSuffix(p[1], ".yaml") {
			return line + " --launches=1 --duration=200ms"
		}
		return regexp.MustCompile(` --?profile[= ]\S+`).ReplaceAllString(line, "") + " --profile=smoke --launches=1"
	})
	text = regexp.MustCompile(`(?m)^ancmbench load .*$`).ReplaceAllStringFunc(text, func(line string) string {
		if !strings.Contains(line, " -d") && !strings.Contains(line, " -n") && !strings.Contains(line, "--slo") {
			line += " -d 300ms"
		}
		return line
	})
	text = strings.NewReplacer("-d 5s", "-d 300ms", "-d5s", "-d1s").Replace(text)
	for was, is := range ports {
		text = strings.ReplaceAll(text, "127.0.0.1:"+was, "127.0.0.1:"+is)
	}
	return text
}

// theirPorts serves on a free port for each port that the manuals ask for, except for those
// on which the block itself listens: these are only replaced by free ones.
func theirPorts(t *testing.T, text string) map[string]string {
	t.Helper()
	ports := map[string]string{}
	for _, m := range regexp.MustCompile(`127\.0\.0\.1:(\d+)`).FindAllStringSubmatch(text, -1) {
		if ports[m[1]] != "" {
			continue
		}
		if strings.Contains(text, "listen=127.0.0.1:"+m[1]) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			_, ports[m[1]], _ = net.SplitHostPort(l.Addr().String())
			_ = l.Close()
			continue
		}
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
		t.Cleanup(s.Close)
		_, ports[m[1]], _ = net.SplitHostPort(s.Listener.Addr().String())
	}
	return ports
}

// manualFolder has the runs and files that the manuals speak of.
func manualFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for i, name := range []string{"before", "after", "night", "20260102-150405-quick", "20260103-090000-quick", "x"} {
		run := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC).Add(time.Duration(i) * time.Hour)
		storedAt(t, filepath.Join(dir, "results", name), run, nil)
	}
	if err := os.WriteFile(filepath.Join(dir, "users.csv"), []byte("id,name\n1,anna\n2,ben\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	storedAt(t, filepath.Join(dir, "results", "20260102-150405-curve"), time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC), addCurve)
	return dir
}

// addCurve adds the points of a curve to a run: apps that compute and apps that wait, and a
// sweep of two rates.
func addCurve(run *ancmbench.Run) {
	run.Profile.Name = "curve"
	add := func(ph ancmbench.Phase, rate float64, work time.Duration) {
		ph.Workload = "plaintext"
		run.Profile.Phases = append(run.Profile.Phases, ph)
		for launch := range 3 {
			trial := len(run.Plan)
			run.Plan = append(run.Plan, ancmbench.Trial{Index: trial, Launch: launch, Phase: ph, Targets: []string{"in-process", "out-of-process"}})
			for _, r := range run.Results[:2] { // one of each target
				h := new(ancmbench.Histogram)
				for n := range 500 {
					h.Record(work + r.Response.Min() + time.Duration(n*100+launch*1000))
				}
				r.Trial, r.Launch, r.Phase, r.PhaseKind, r.Arrivals.Rate, r.Response, r.Service = trial, launch, ph.Name, ph.Kind, rate, h, h
				r.Usage = []ancmbench.RoleUsage{{Role: "worker", Processes: 1, CPU: &ancmbench.CPU{Own: ancmbench.Seconds(20_000 * (work + 20*time.Microsecond))}}}
				run.Results = append(run.Results, r)
			}
		}
	}
	for _, factor := range []ancmbench.Factor{ancmbench.FactorCPU, ancmbench.FactorWait} {
		for _, work := range []time.Duration{0, 5 * time.Millisecond} {
			add(ancmbench.Phase{Name: fmt.Sprintf("%s %s", factor, work), Kind: ancmbench.Latency, Factor: factor, Level: work.Seconds()}, 100, work)
		}
	}
	for _, rate := range []float64{100, 1000} {
		add(ancmbench.Phase{Name: fmt.Sprintf("sweep at %g", rate), Kind: ancmbench.Sweep}, rate, 0)
	}
}

// Every block of commands in README.md and docs/ does what it says, and what is shown as its
// output has the shape of today's. Lines that need a program which is not here are left out.
func TestManualsCommandsRun(t *testing.T) {
	skipShort(t)
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("skipped: no bash")
	}
	made := manualFolder(t)
	for _, file := range manualFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		blocks, _ := blocksOf(filepath.Base(file), string(text))
		if len(blocks) == 0 {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			dir := t.TempDir() // of each file: its later blocks go on with what earlier ones made
			if err := os.CopyFS(dir, os.DirFS(made)); err != nil {
				t.Fatal(err)
			}
			for _, b := range blocks {
				if b.notRun != "" {
					t.Logf("line %d is not run: %s", b.line, b.notRun)
					continue
				}
				runBlock(t, bash, dir, b)
			}
		})
	}
}

// runBlock runs one block as a script, its servers in the background until it ends.
func runBlock(t *testing.T, bash, dir string, b manualBlock) {
	t.Helper()
	script := "set -e -o pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"
	for line := range strings.Lines(shortened(b.text, theirPorts(t, b.text))) {
		program, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if _, err := exec.LookPath(program); err != nil && program != "" && !strings.HasPrefix(program, "#") && program != "ancmbench" {
			t.Logf("left out, because there is no %s: %s", program, strings.TrimSpace(line))
			continue
		}
		script += line
		if at := regexp.MustCompile(`--listen=(\S+):(\S+) &`).FindStringSubmatch(line); at != nil {
			script += fmt.Sprintf("for i in $(seq 600); do (exec 3<>/dev/tcp/%s/%s) 2>/dev/null && break; sleep 0.1; done\n", at[1], at[2])
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, bash, "-c", script)
	c.Dir, c.Env = dir, append(os.Environ(), "HOME="+dir, "BROWSER=true", "NO_COLOR=1")
	c.WaitDelay = 10 * time.Second
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		t.Errorf("%s:%d: %v\n%s\n%s%s", b.file, b.line, err, script, out.String(), errs.String())
		return
	}
	if want, got := outputShape(b.output), outputShape(out.String()); b.output != "" && !slices.Equal(got, want) {
		t.Errorf("%s:%d shows the shape\n%s\n\nand it is\n%s\n\nof\n%s", b.file, b.line, strings.Join(want, "\n"), strings.Join(got, "\n"), out.String())
	}
}

var (
	shownFigure = regexp.MustCompile(`[+-]?[0-9][0-9,.]*(?: %| (?:ns|µs|ms|s|min|B|kB|MB|GB|req/s|cores)\b)?x?`)
	shownSpace  = regexp.MustCompile(` +`)
)

// outputShape is output without its figures, of which each machine has its own.
func outputShape(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(shownSpace.ReplaceAllString(shownFigure.ReplaceAllString(line, "#"), " ")); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
