package debuglog

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Level says which lines are written. Each level includes those before it.
type Level int

// The levels of debugLevel.
const (
	Off Level = iota
	Error
	Warning
	Info
	Trace // a line per request
)

var debugLevels = [...]string{"OFF", "ERROR", "WARNING", "INFO", "TRACE"}

func (l Level) String() string { return debugLevels[l] }

// Settings are what a debugLevel means.
type Settings struct {
	Level Level
	// Console asks for lines in the worker's log. EventLog does too, because only
	// Windows has an event log.
	Console, EventLog bool
	// File asks for a file even if none is named.
	File bool
}

// ParseLevel reads a debugLevel: levels and places separated by commas ("FILE,TRACE").
// Case does not matter, and what follows a known word is ignored. A place without a
// level means INFO. unknown are the words that mean nothing.
func ParseLevel(text string) (s Settings, unknown []string) {
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
			for l := Error; l <= Trace; l++ {
				if is(l.String()) {
					s.Level, known = max(s.Level, l), true
				}
			}
			if !known {
				unknown = append(unknown, word)
			}
		}
	}
	if s.Level == Off && (s.Console || s.File || s.EventLog) {
		s.Level = Info
	}
	return s, unknown
}

// With returns the higher level of the two, and the places of both.
func (s Settings) With(more Settings) Settings {
	return Settings{Level: max(s.Level, more.Level), Console: s.Console || more.Console,
		EventLog: s.EventLog || more.EventLog, File: s.File || more.File}
}

// Log is the module's own log (CF-13) of what it does. It does not hold what the app
// prints. A nil Log writes nothing. A Log is safe for concurrent use.
type Log struct {
	level   Level
	console io.Writer // nil if not wanted

	mu   sync.Mutex
	file *os.File // nil if not wanted, or once it could not be written
}

// Open returns a log that writes to console if s asks for it, and to the file at path
// unless that is empty. It makes the file's folder, and appends to an existing file. It
// fails if the file cannot be opened; the log that it returns then still writes to
// console.
func Open(s Settings, path string, console io.Writer) (l *Log, err error) {
	l = &Log{level: s.Level}
	if s.Console || s.EventLog {
		l.console = console
	}
	if path != "" { // a file that is named is written to, asked for by FILE or not
		l.file, err = openDebugFile(path)
	}
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
func (l *Log) Tells(level Level) bool { return l != nil && level <= l.level }

// Printf writes a line: time, process, level, text.
func (l *Log) Printf(level Level, format string, args ...any) {
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

// Close closes the file. Later lines go to the console only. It fails if the file
// cannot be closed.
func (l *Log) Close() error {
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
