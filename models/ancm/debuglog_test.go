package ancm

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"ancmbench/models/httpsys"
)

func TestDebugLog(t *testing.T) {
	t.Run("CF-13_debugLevel", testDebugLevel)
	t.Run("CF-13_debugFile", testDebugFile)
	t.Run("CF-13_ASPNETCORE_MODULE_DEBUG", testDebugEnvironment)
	t.Run("CF-13_requests_are_told", func(t *testing.T) { eachFront(t, testDebugRequests) })
}

func testDebugLevel(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "{OFF false false false} []"},
		{"error", "{ERROR false false false} []"},
		{"FILE,TRACE", "{TRACE false false true} []"},
		{"Console, Warning", "{WARNING true false false} []"},
		{"info,error,WARNING", "{INFO false false false} []"},
		{"FILE", "{INFO false false true} []"},
		{"eventlog", "{INFO false true false} []"},
		{"tracer", "{TRACE false false false} []"}, // only the beginning counts
		{"4,verbose,err", "{OFF false false false} [4 verbose err]"},
		{"file,loud", "{INFO false false true} [loud]"},
	} {
		s, unknown := ParseDebugLevel(c.text)
		if got := fmt.Sprint(s, " ", unknown); got != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}

var debugLine = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[ancm \d+ (ERROR|WARNING|INFO|TRACE)\] (.+)$`)

// levels of the lines, and a fault for what is no line.
func levels(t *testing.T, text string) string {
	t.Helper()
	var out []string
	for line := range strings.Lines(text) {
		m := debugLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			t.Errorf("%q is no line of a log", line)
			continue
		}
		out = append(out, m[1])
	}
	return strings.Join(out, " ")
}

func nothing(string) string { return "" }

func testDebugFile(t *testing.T) {
	for _, c := range []struct {
		level, file string
		written     string // relative to the app's folder; empty is none
		levels      string
		console     bool
	}{
		{"", "", "", "", false},
		{"", `.\a.log`, "", "", false},
		{"trace", `.\logs\deep\a.log`, "logs/deep/a.log", "INFO ERROR WARNING INFO TRACE", false}, // FILE is not needed
		{"FILE,INFO", "", "aspnetcore-debug.log", "INFO ERROR WARNING INFO", false},
		{"FILE,ERROR", "b.log", "b.log", "ERROR", false},
		{"FILE,CONSOLE,WARNING", "b.log", "b.log", "ERROR WARNING", true},
		{"INFO", "", "", "", false},
		{"CONSOLE", "", "", "INFO ERROR WARNING INFO", true},
	} {
		config := DefaultConfig()
		config.PhysicalPath = t.TempDir()
		config.DebugLevel, config.DebugFile = c.level, c.file
		var console bytes.Buffer
		l, err := OpenDebugLog(config, nothing, &console)
		if err != nil {
			t.Fatal(err)
		}
		if (l == nil) != (c.level == "") {
			t.Errorf("%q: %v", c.level, l)
		}
		for level := DebugError; level <= DebugTrace; level++ {
			l.Printf(level, "of level %v", level)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		var files []string
		_ = filepath.WalkDir(config.PhysicalPath, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				rel, _ := filepath.Rel(config.PhysicalPath, path)
				files = append(files, filepath.ToSlash(rel))
				if info, err := d.Info(); err == nil && os.PathSeparator == '/' && info.Mode().Perm() != 0o600 {
					t.Errorf("%s: mode %v", rel, info.Mode())
				}
			}
			return err
		})
		if got := strings.Join(files, " "); got != c.written {
			t.Errorf("%q, %q: wrote %q, want %q", c.level, c.file, got, c.written)
			continue
		}
		text := ""
		if c.written != "" {
			b, err := os.ReadFile(filepath.Join(config.PhysicalPath, c.written))
			if err != nil {
				t.Fatal(err)
			}
			text = string(b)
		} else if c.console {
			text = console.String()
		}
		if got := levels(t, text); got != c.levels {
			t.Errorf("%q, %q: %s, want %s", c.level, c.file, got, c.levels)
		}
		if (console.Len() > 0) != c.console {
			t.Errorf("%q: on the console %q", c.level, console.String())
		}
	}
	config := DefaultConfig()
	config.DebugLevel, config.DebugFile, config.PhysicalPath = "CONSOLE,FILE", "blocked/a.log", t.TempDir()
	if err := os.WriteFile(filepath.Join(config.PhysicalPath, "blocked"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var console bytes.Buffer
	l, err := OpenDebugLog(config, nothing, &console)
	if l.Printf(DebugError, "one\ntwo"); err == nil || !strings.HasSuffix(console.String(), "one\n\ttwo\n") {
		t.Errorf("a file that cannot be: %v, and on the console %q", err, console.String())
	}
}

// What the environment asks for holds too; the file of web.config goes before its.
func testDebugEnvironment(t *testing.T) {
	dir := t.TempDir()
	outer := filepath.Join(dir, "outer.log")
	for _, c := range []struct{ env, envFile, level, file, want string }{
		{"trace", outer, "", "", outer},
		{"FILE,info", "", "", "", filepath.Join(dir, "aspnetcore-debug.log")},
		{"error", outer, "info", "inner.log", filepath.Join(dir, "inner.log")},
		{"FILE,error", outer, "", "", filepath.Join(dir, "aspnetcore-debug.log")},
		{"", outer, "", "", ""},
	} {
		config := DefaultConfig()
		config.PhysicalPath, config.DebugLevel, config.DebugFile = dir, c.level, c.file
		l, err := OpenDebugLog(config, func(name string) string {
			return map[string]string{EnvDebug: c.env, EnvDebugFile: c.envFile}[name]
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		l.Printf(DebugError, "x")
		got := ""
		if l != nil {
			got = l.file.Name()
		}
		if got != c.want {
			t.Errorf("%+v: %q, want %q", c, got, c.want)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

// safeBuffer is written by requests and read by the test.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func testDebugRequests(t *testing.T, kind string) {
	for level, want := range map[string]string{
		"ERROR": `ERROR GET "/fail": 502.3: no app; ERROR GET "/panic": 0.0: the app panicked`,
		"TRACE": `TRACE GET "/fail": begins; ERROR GET "/fail": 502.3: no app; TRACE GET "/well": begins; TRACE GET "/well": 204, 0 bytes; ` +
			`TRACE GET "/panic": begins; ERROR GET "/panic": 0.0: the app panicked`,
	} {
		console := new(safeBuffer)
		config := DefaultConfig()
		config.DebugLevel = "CONSOLE," + level
		l, err := OpenDebugLog(config, nothing, console)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan bool, 3)
		inner := &DebugRequests{Log: l, Next: httpsys.HandlerFunc(func(x *httpsys.Exchange) {
			switch string(x.Target) {
			case "/fail?secret":
				x.Error(502, 3, "", nil, errors.New("no app"))
			case "/panic":
				panic("x")
			default:
				_ = x.WriteHead(204, nil, 0)
			}
		})}
		address := startFront(t, kind, httpsys.HandlerFunc(func(x *httpsys.Exchange) {
			defer func() { done <- true }()
			inner.ServeExchange(x)
		}))
		for _, target := range []string{"/fail?secret", "/well", "/panic"} {
			c := dial(t, address)
			if _, err := c.Write([]byte("GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")); err != nil {
				t.Fatal(err)
			}
			<-done
		}
		var got []string
		for line := range strings.Lines(console.b.String()) {
			if m := debugLine.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil && !strings.HasPrefix(m[2], "debug log of") {
				text, _, _ := strings.Cut(m[2], ", after ")
				got = append(got, m[1]+" "+text)
			}
		}
		if text := strings.Join(got, "; "); text != want {
			t.Errorf("%s:\n got %s\nwant %s", level, text, want)
		}
	}
}
