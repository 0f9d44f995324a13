package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"golang.org/x/term"

	"ancmbench/internal/clean"
)

// defaultWidth is the width of an output that is not a terminal.
const defaultWidth = 100

// writeJSON prints one JSON object, for --json.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// outlet is standard output or standard error.
//
// A terminal whose locale is not UTF-8 gets ASCII. A reader that closes its end of a pipe,
// as head does, has had enough: what follows is dropped, and the command still finishes its
// files and ends with its own exit code.
type outlet struct {
	file  *os.File
	ascii bool
	gone  atomic.Bool
	lost  atomic.Pointer[error] // the first error of a write; nil if all was written
}

func newOutlet(f *os.File) *outlet {
	return &outlet{file: f, ascii: isTerminal(f) && !isUTF8(os.Getenv)}
}

func (o *outlet) Write(p []byte) (int, error) {
	if o.gone.Load() {
		return len(p), nil
	}
	out := p
	if o.ascii {
		out = []byte(clean.ASCII(string(p)))
	}
	_, err := o.file.Write(out)
	if errors.Is(err, syscall.EPIPE) {
		o.gone.Store(true)
		err = nil
	}
	if err != nil {
		o.lost.CompareAndSwap(nil, &err)
		return 0, err
	}
	return len(p), nil
}

// fault returns the first error of a write, and nil if all was written.
func (o *outlet) fault() error {
	if err := o.lost.Load(); err != nil {
		return *err
	}
	return nil
}

// surviveClosedPipes lets a write to a pipe without a reader fail, where it would end this
// process before its files are written. Children are not affected, as they would be by
// ignoring the signal.
func surviveClosedPipes() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

// readerLeft reports whether an error is that of standard output without a reader.
func readerLeft(err error) bool {
	var path *os.PathError
	return errors.As(err, &path) && path.Path == os.Stdout.Name() && errors.Is(err, syscall.EPIPE)
}

// isUTF8 reports whether the locale of an environment has UTF-8. One without a locale is that
// of a container or a service, whose terminals have it.
func isUTF8(env func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := env(name); locale != "" {
			word := strings.ToLower(strings.ReplaceAll(locale, "-", ""))
			return strings.Contains(word, "utf8")
		}
	}
	return true
}

// fileOf returns the file that a writer writes to, or nil.
func fileOf(w io.Writer) *os.File {
	switch w := w.(type) {
	case *os.File:
		return w
	case *outlet:
		return w.file
	}
	return nil
}

func isTerminal(w io.Writer) bool {
	f := fileOf(w)
	return f != nil && term.IsTerminal(int(f.Fd()))
}

// width returns how many columns w has: those that the variable COLUMNS asks for, else those of
// its terminal.
func width(w io.Writer) int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 && n <= 10_000 {
		return n
	}
	if f := fileOf(w); f != nil {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return defaultWidth
}

// colored follows two conventions: any value of NO_COLOR but the empty one turns colours off,
// and so does CLICOLOR=0.
func colored(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && os.Getenv("CLICOLOR") != "0"
}
