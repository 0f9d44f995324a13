package webconfig

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ancmbench/models/ancm/debuglog"
)

func TestDebugLog(t *testing.T) {
	t.Run("CF-13_debugFile", testDebugFile)
	t.Run("CF-13_ASPNETCORE_MODULE_DEBUG", testDebugEnvironment)
}

var debugLine = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[ancm \d+ (ERROR|WARNING|INFO|TRACE)\] (.+)$`)

// levels returns the levels of the lines of a log. It fails the test on a malformed
// line.
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
		config := Default()
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
		for level := debuglog.Error; level <= debuglog.Trace; level++ {
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
	config := Default()
	config.DebugLevel, config.DebugFile, config.PhysicalPath = "CONSOLE,FILE", "blocked/a.log", t.TempDir()
	if err := os.WriteFile(filepath.Join(config.PhysicalPath, "blocked"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var console bytes.Buffer
	l, err := OpenDebugLog(config, nothing, &console)
	if l.Printf(debuglog.Error, "one\ntwo"); err == nil || !strings.HasSuffix(console.String(), "one\n\ttwo\n") {
		t.Errorf("a file that cannot be: %v, and on the console %q", err, console.String())
	}
}

// The environment can ask for a debug log too. A file named in web.config takes
// precedence.
func testDebugEnvironment(t *testing.T) {
	for _, c := range []struct{ env, envFile, level, file, want string }{
		{"trace", "outer.log", "", "", "outer.log"},
		{"FILE,info", "", "", "", "aspnetcore-debug.log"},
		{"error", "outer.log", "info", "inner.log", "inner.log"},
		{"FILE,error", "outer.log", "", "", "aspnetcore-debug.log"},
		{"", "outer.log", "", "", ""},
	} {
		dir, config := t.TempDir(), Default()
		if c.envFile != "" {
			c.envFile = filepath.Join(dir, c.envFile)
		}
		config.PhysicalPath, config.DebugLevel, config.DebugFile = dir, c.level, c.file
		l, err := OpenDebugLog(config, func(name string) string {
			return map[string]string{EnvDebug: c.env, EnvDebugFile: c.envFile}[name]
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		l.Printf(debuglog.Error, "x")
		got := ""
		for _, name := range []string{"outer.log", "inner.log", "aspnetcore-debug.log"} {
			if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil && strings.HasSuffix(string(b), "] x\n") {
				got += name
			}
		}
		if got != c.want {
			t.Errorf("%+v: wrote %q, want %q", c, got, c.want)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
