package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/sys/unix"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/loadgen"
)

// pseudoTerminal is a terminal of a given width, and its other end, which reads what is written
// to it.
type pseudoTerminal struct{ screen, reader *os.File }

func newPseudoTerminal(t *testing.T, columns int) *pseudoTerminal {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skip("skipped: no pseudo terminal here: ", err)
	}
	reader := os.NewFile(uintptr(fd), "/dev/ptmx")
	t.Cleanup(func() { _ = reader.Close() })
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip("skipped: no pseudo terminal here: ", err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Skip("skipped: no pseudo terminal here: ", err)
	}
	screen, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("skipped: no pseudo terminal here: ", err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: uint16(columns)}); err != nil {
		t.Fatal(err)
	}
	return &pseudoTerminal{screen, reader}
}

// drained returns what was written to the terminal and not read yet.
func (p *pseudoTerminal) drained(t *testing.T) string {
	t.Helper()
	var all bytes.Buffer
	buffer := make([]byte, 4096)
	for {
		n := 0
		raw, err := p.reader.SyscallConn()
		if err == nil {
			var inner error
			err = raw.Control(func(fd uintptr) { n, inner = unix.Read(int(fd), buffer) })
			err = errors.Join(err, inner)
		}
		switch {
		case errors.Is(err, unix.EAGAIN), err == nil && n == 0:
			return all.String()
		case err != nil:
			t.Errorf("reading the terminal: %v", err)
			return all.String()
		}
		all.Write(buffer[:n])
	}
}

// shownOn runs a command line with the terminal as standard output and returns what it shows.
func (p *pseudoTerminal) shownOn(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	c := exec.Command("ancmbench", args...)
	c.Dir, c.Stdout = dir, p.screen
	c.Env = append(append(os.Environ(), "TERM=xterm", "NO_COLOR=", "LC_ALL=C.UTF-8", "HOME="+dir), env...)
	var errs bytes.Buffer
	c.Stderr = &errs
	done := make(chan struct{})
	var all strings.Builder
	go func() { // the terminal holds 4 kB
		defer close(done)
		_ = p.reader.SetReadDeadline(time.Now().Add(time.Minute))
		buffer := make([]byte, 4096)
		for !strings.Contains(all.String(), endOfScreen) {
			n, err := p.reader.Read(buffer)
			all.Write(buffer[:n])
			if err != nil {
				return
			}
		}
	}()
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	_, _ = io.WriteString(p.screen, endOfScreen)
	<-done
	if errs.Len() > 0 {
		t.Errorf("ancmbench %q writes to standard error: %s", args, errs.String())
	}
	return strings.ReplaceAll(strings.TrimSuffix(all.String(), endOfScreen), "\r\n", "\n")
}

const endOfScreen = "\x04end of screen"

// screenLines are the verbs that print a result for people, each as it is called on a stored
// run. The others that print one have their reason below.
var screenLines = map[string]string{
	"ancmbench report": "report results/before", "ancmbench compare": "compare results/before results/after results/night", "ancmbench gate": "gate --result=results/before",
	"ancmbench predict": "predict --app-time=3ms --at-rate=800 results/20260102-150405-curve", "ancmbench runs": "runs", "ancmbench profiles": "profiles",
	"ancmbench doctor": "doctor --watch=2s", "ancmbench profiles new": "profiles new",
}

var withoutScreen = map[string]string{
	"ancmbench run": "prints what report prints", "ancmbench load": "TestALoadFitsTheTerminal has it", "ancmbench selftest": "prints what gate prints, after minutes",
	"ancmbench calibrate": "takes minutes", "ancmbench export": "prints data for other programs", "ancmbench open": "prints a path",
	"ancmbench agent": "serves until it ends", "ancmbench agents new-token": "prints a secret", "ancmbench agents": "lists agents, of which a test has none",
}

var colorCodes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// On a terminal of any width from 60 columns on, no line is longer than the terminal, and no
// line ends in a number whose unit begins the next one. This holds of every verb.
func TestEveryScreenFitsTheTerminal(t *testing.T) {
	if underRace {
		t.Skip("skipped under the race detector: one goroutine draws and writes, ten times slower, and no race to find")
	}
	for _, c := range everyCommand(t) {
		path := c.CommandPath()
		if c.Runnable() && printsNoResult[path] == "" && screenLines[path] == "" && withoutScreen[path] == "" {
			t.Errorf("%s is in no list of what is tried on a terminal", path)
		}
	}
	dir := manualFolder(t)
	for _, columns := range []int{60, 80, 120} {
		p := newPseudoTerminal(t, columns)
		for verb, line := range screenLines {
			for _, more := range [][]string{nil, {"-v"}} {
				if columns != 60 && (verb == "ancmbench doctor" || verb == "ancmbench profiles new") || verb == "ancmbench doctor" && more == nil {
					continue // they wait, or write files
				}
				args := append(strings.Fields(line), more...)
				if verb == "ancmbench profiles new" {
					args = append(args, fmt.Sprintf("p%d-%d.yaml", columns, len(more)))
				}
				screen := colorCodes.ReplaceAllString(p.shownOn(t, dir, nil, args...), "")
				if len(strings.TrimSpace(screen)) < 10 {
					t.Errorf("%d columns: ancmbench %q shows %q", columns, args, screen)
				}
				if strings.Contains(line, "profiles new") {
					continue // the profile is a file that is shown as it is
				}
				checkScreen(t, columns, args, screen)
			}
		}
	}
}

var (
	endsInNumber   = regexp.MustCompile(`(?:^|[ (\[])[+-]?[0-9][0-9,.]*$`)
	beginsWithUnit = regexp.MustCompile(`^(?:%|ns|µs|ms|s|min|B|kB|MB|GB|req/s|cores)(?:[ .,;)\]]|$)`)
)

func checkScreen(t *testing.T, columns int, args []string, screen string) {
	t.Helper()
	lines := strings.Split(screen, "\n")
	for i, l := range lines {
		copied := strings.HasPrefix(l, "report   ") || strings.HasPrefix(l, "repeat   ") || strings.HasPrefix(l, "    ") // paths and commands
		if n := text.StringWidth(l); n > columns && !copied {
			t.Errorf("%d columns: ancmbench %q: %d in %q", columns, args, n, l)
		}
		if i+1 < len(lines) && endsInNumber.MatchString(l) && beginsWithUnit.MatchString(strings.TrimSpace(lines[i+1])) {
			t.Errorf("%d columns: ancmbench %q breaks %q / %q", columns, args, l, lines[i+1])
		}
	}
}

// The tables and lines of a load fit as well, with all that it can say.
func TestALoadFitsTheTerminal(t *testing.T) {
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1)%3 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, "hello")
	}))
	defer server.Close()
	for _, columns := range []int{60, 80, 120} {
		n.Store(0)
		p := newPseudoTerminal(t, columns)
		args := []string{"load", server.URL + "/", "-c1", "-n300", "-v", "--max-errors=50%", "--threshold=p50 <= 10s"}
		screen := colorCodes.ReplaceAllString(p.shownOn(t, t.TempDir(), nil, args...), "")
		for _, want := range []string{"p50", "response times", "status 503", "outcomes: "} {
			if !strings.Contains(screen, want) {
				t.Errorf("%d columns: lacks %q:\n%s", columns, want, screen)
			}
		}
		checkScreen(t, columns, args, screen)
	}
}

// Colours are only on a terminal, and never where NO_COLOR or a dumb terminal forbids them. A
// terminal without UTF-8 gets ASCII, and what is redirected is always UTF-8.
func TestColoursAndCharactersSuitTheTerminal(t *testing.T) {
	dir := manualFolder(t)
	p := newPseudoTerminal(t, 100)
	report := []string{"report", "results/before"}
	for _, c := range []struct {
		env           []string
		color, beyond bool
	}{
		{nil, true, true},
		{[]string{"NO_COLOR=1"}, false, true},
		{[]string{"NO_COLOR=0"}, false, true},
		{[]string{"CLICOLOR=0"}, false, true},
		{[]string{"CLICOLOR=1"}, true, true},
		{[]string{"TERM=dumb"}, false, true},
		{[]string{"LC_ALL=C"}, true, false},
		{[]string{"LC_ALL=", "LC_CTYPE=de_DE.ISO-8859-1"}, true, false},
		{[]string{"LC_ALL=", "LC_CTYPE=", "LANG=en_US.UTF-8"}, true, true},
		{[]string{"LC_ALL=", "LC_CTYPE=", "LANG="}, true, true},
	} {
		screen := p.shownOn(t, dir, c.env, report...)
		if strings.Contains(screen, "\x1b[") != c.color {
			t.Errorf("%v: colours are %v:\n%.200q", c.env, !c.color, screen)
		}
		if strings.ContainsFunc(screen, func(r rune) bool { return r > 126 }) != c.beyond || !c.beyond && !strings.Contains(screen, " us") {
			t.Errorf("%v: characters beyond ASCII are %v:\n%s", c.env, !c.beyond, screen)
		}
	}
	c := exec.Command("ancmbench", report...)
	c.Dir, c.Env = dir, append(os.Environ(), "LC_ALL=C")
	out, err := c.Output()
	if err != nil || !strings.Contains(string(out), " µs") || strings.Contains(string(out), "\x1b") {
		t.Errorf("redirected: %v\n%s", err, out)
	}
}

// watchedEngine notes what is written to a terminal while it measures.
type watchedEngine struct {
	loadgen.Engine
	t       *testing.T
	screen  *pseudoTerminal
	windows *atomic.Int64
	between *strings.Builder // what was written outside of measured windows
}

func (e watchedEngine) Run(ctx context.Context, load ancmbench.Load, edge func(loadgen.Edge)) ([]ancmbench.Result, error) {
	e.between.WriteString(e.screen.drained(e.t))
	results, err := e.Engine.Run(ctx, load, edge)
	if drawn := e.screen.drained(e.t); drawn != "" {
		e.t.Errorf("drawn in a measured window: %q", drawn)
	}
	e.windows.Add(1)
	return results, err
}

// Nothing is drawn while something is measured: not by a run, whose bar says in between how
// far it is, and not by a load.
func TestNothingIsDrawnInAMeasuredWindow(t *testing.T) {
	skipShort(t)
	t.Chdir(t.TempDir())
	screen := newPseudoTerminal(t, 130)
	watched := func(inner loadgen.Engine, windows *atomic.Int64, between *strings.Builder) loadgen.Engine {
		return watchedEngine{inner, t, screen, windows, between}
	}
	var windows atomic.Int64
	var between strings.Builder
	f := &runFlags{}
	c := runCommand(f)
	c.SetContext(t.Context())
	c.SetErr(screen.screen)
	if err := c.ParseFlags([]string{"--profile=smoke", "--launches=2"}); err != nil {
		t.Fatal(err)
	}
	cfg, err := configure(c, f)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Dir, err = runPlace("out", "smoke").make(); err != nil {
		t.Fatal(err)
	}
	newEngine := cfg.NewEngine
	cfg.NewEngine = func() loadgen.Engine { return watched(newEngine(), &windows, &between) }
	if _, err := carryOut(c, cfg, false, nil); err != nil {
		t.Fatal(err)
	}
	between.WriteString(screen.drained(t))
	if n := windows.Load(); n < 8 {
		t.Errorf("only %d windows", n)
	}
	for _, want := range []string{"fresh start 1/2", "fresh start 2/2", "latency", "peak", " left", "p50 ", "after 1 fresh start", "[=="} {
		if !strings.Contains(between.String(), want) {
			t.Errorf("the bar lacks %q: %q", want, between.String())
		}
	}
	if !strings.HasSuffix(between.String(), "\r\x1b[K") {
		t.Errorf("the bar is left on the screen: %q", between.String())
	}

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer server.Close()
	lf := &loadFlags{}
	l := loadCommand(lf)
	l.SetContext(t.Context())
	l.SetErr(screen.screen)
	l.SetOut(io.Discard)
	if err := l.ParseFlags([]string{"-c2", "-d300ms"}); err != nil {
		t.Fatal(err)
	}
	load, allowed, err := loadAsked(lf, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	maker, err := engineMaker(engineChoice{name: "auto"}, load)
	if err != nil {
		t.Fatal(err)
	}
	windows.Store(0)
	between.Reset()
	if err := loadAndShow(l, lf, watched(maker(), &windows, &between), load, allowed); err != nil {
		t.Fatal(err)
	}
	between.WriteString(screen.drained(t))
	if windows.Load() != 1 || !strings.Contains(between.String(), "300 ms on 2 connections, until ") || !strings.HasSuffix(between.String(), "\r\x1b[K") {
		t.Errorf("%d windows of load, and around them %q", windows.Load(), between.String())
	}
}

// The bar is one line of every terminal, with as much of the estimate as there is room for.
func TestTheBarFitsTheTerminal(t *testing.T) {
	e := experiment.Event{Launch: 11, Launches: 12, Phase: "latency", Elapsed: 40 * time.Second, Left: 65 * time.Second}
	for columns, want := range map[int]string{
		120: "[===========                   ]  fresh start 12/12  latency     1 min 5 s left  p50 2.31x [1.92, 2.44] after 11 fresh starts",
		80:  "[====       ]  fresh start 12/12  latency  1 min 5 s left  p50 2.31x [1.92, 2.44]",
		60:  "[===      ]  fresh start 12/12  latency  1 min 5 s left",
		20:  "fresh start 12/12 …",
	} {
		got := barLine(e, "p50 2.31x [1.92, 2.44] after 11 fresh starts", columns)
		if text.StringWidth(got) >= columns || !strings.Contains(want, strings.Trim(got, "[]= ")) && got != want {
			t.Errorf("%d columns: %q, want about %q", columns, got, want)
		}
	}
	for columns := 1; columns < 200; columns++ {
		for _, phase := range []string{"start", strings.Repeat("服", 40)} {
			e.Phase = phase
			if got := barLine(e, "p50 2.31x", columns); text.StringWidth(got) >= max(columns, 2) {
				t.Errorf("%d columns: %q", columns, got)
			}
		}
	}
}
