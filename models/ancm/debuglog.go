package ancm

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Variables that the module itself reads, in its worker's environment: what
// handlerSettings say comes on top (debugutil.cpp, DebugInitialize).
const (
	EnvDebug     = "ASPNETCORE_MODULE_DEBUG"
	EnvDebugFile = "ASPNETCORE_MODULE_DEBUG_FILE"
)

// defaultDebugFile is what FILE means where no debugFile is given; in the app's folder.
const defaultDebugFile = `.\aspnetcore-debug.log`

// DebugLevel is how much the module tells; each one includes those before it.
type DebugLevel int

// The levels of debugLevel.
const (
	DebugOff DebugLevel = iota
	DebugError
	DebugWarning
	DebugInfo
	DebugTrace // a line per request
)

var debugLevels = [...]string{"OFF", "ERROR", "WARNING", "INFO", "TRACE"}

func (l DebugLevel) String() string { return debugLevels[l] }

// DebugSettings are what a debugLevel means.
type DebugSettings struct {
	Level DebugLevel
	// Console is the worker's log. EventLog goes there too: only Windows has one.
	Console, EventLog bool
	// File asks for a file even if none is named.
	File bool
}

// ParseDebugLevel reads a debugLevel: levels and places with commas between, in
// any case, of which only the beginning counts ("FILE,TRACE"). A place without a
// level means INFO. Words that mean nothing are ignored, and given back.
func ParseDebugLevel(text string) (s DebugSettings, unknown []string) {
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		is := func(name string) bool { return len(word) >= len(name) && strings.EqualFold(word[:len(name)], name) }
		switch {
		case is("console"):
			s.Console = true
		case is("file"):
			s.File = true
		case is("eventlog"):
			s.EventLog = true
		default:
			known := word == ""
			for l := DebugError; l <= DebugTrace; l++ {
				if is(l.String()) {
					s.Level, known = max(s.Level, l), true
				}
			}
			if !known {
				unknown = append(unknown, word)
			}
		}
	}
	if s.Level == DebugOff && (s.Console || s.File || s.EventLog) {
		s.Level = DebugInfo
	}
	return s, unknown
}

func (s DebugSettings) with(more DebugSettings) DebugSettings {
	return DebugSettings{Level: max(s.Level, more.Level), Console: s.Console || more.Console,
		EventLog: s.EventLog || more.EventLog, File: s.File || more.File}
}

// DebugLog is the module's own log (CF-13): what it does, not what
// the app prints. A nil DebugLog tells nothing. It is safe for concurrent use.
type DebugLog struct {
	level   DebugLevel
	console io.Writer // nil if not wanted

	mu   sync.Mutex
	file *os.File // nil if not wanted, or once it could not be written
}

// OpenDebugLog opens what the configuration and the worker's environment ask for;
// nil if that is nothing. A relative path in the configuration is in the app's
// folder, one in the environment in the current one; folders are made, and lines
// are added to a file that is there. A file that cannot be opened is an error
// beside a log that still has its other places.
func OpenDebugLog(c Config, getenv func(string) string, console io.Writer) (*DebugLog, error) {
	env, _ := ParseDebugLevel(getenv(EnvDebug))
	own, _ := ParseDebugLevel(c.DebugLevel)
	s := env.with(own)
	if s.Level == DebugOff {
		return nil, nil
	}
	path, err := localPath(getenv(EnvDebugFile))
	if err != nil {
		err = fmt.Errorf("%s: %w", EnvDebugFile, err)
	}
	if c.DebugFile != "" || s.File { // FILE of the environment too, as in the original
		if path, err = c.logFile(orText(c.DebugFile, defaultDebugFile)); err != nil {
			err = fmt.Errorf("debugFile: %w", err)
		}
	}
	l := &DebugLog{level: s.Level}
	if s.Console || s.EventLog {
		l.console = console
	}
	if path != "" { // a file that is named is written to, asked for by FILE or not
		l.file, err = openDebugFile(path)
	}
	l.Printf(DebugInfo, "debug log of the module %s, hosting model %s, app folder %q", c.ModuleVersion, c.HostingModel, c.PhysicalPath)
	return l, err
}

func openDebugFile(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("debugFile: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("debugFile: %w", err)
	}
	return f, nil
}

// Tells reports whether lines of a level are written.
func (l *DebugLog) Tells(level DebugLevel) bool { return l != nil && level <= l.level }

// Printf writes a line: time, process, level, text.
func (l *DebugLog) Printf(level DebugLevel, format string, args ...any) {
	if !l.Tells(level) {
		return
	}
	text := strings.ReplaceAll(strings.TrimRight(fmt.Sprintf(format, args...), "\n"), "\n", "\n\t")
	line := fmt.Sprintf("%s [ancm %d %v] %s\n", time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), os.Getpid(), level, text)
	if l.console != nil {
		_, _ = io.WriteString(l.console, line) // nobody is left to tell
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return
	}
	if _, err := l.file.WriteString(line); err != nil { // a full disk must not stop the site
		_ = l.file.Close()
		l.file = nil
	}
}

// Close closes the file; what is told later goes to the console only.
func (l *DebugLog) Close() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// errPanicked is the fault of a request whose handler did not return.
var errPanicked = errors.New("the app panicked")
