package models

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"time"

	"ancmbench/models/ancm/eventlog"
	"ancmbench/models/ancm/redact"
)

// tailBytes is how much of the processes' stderr is kept.
const tailBytes = 16 << 10

// logTail keeps the last bytes written to it.
type logTail struct {
	mu   sync.Mutex
	kept []byte
	seen int // bytes of kept about which death has answered
	hide redact.Redaction
}

// newLogTail returns a logTail that hides the values of variables in the options and
// the configuration.
func newLogTail(o Options) *logTail {
	variables := o.secrets()
	if c, _, err := o.module(); err == nil {
		for _, v := range c.Environment {
			variables = append(variables, v.Name+"="+v.Value)
		}
	}
	return &logTail{hide: redact.New(variables...)}
}

// fill reads r to its end.
func (t *logTail) fill(r io.ReadCloser) {
	defer r.Close()
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		t.mu.Lock()
		t.kept = append(t.kept, buf[:n]...)
		if over := len(t.kept) - tailBytes; over > tailBytes {
			t.kept = append(t.kept[:0], t.kept[over:]...)
			t.seen = max(0, t.seen-over)
		}
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// text returns the last whole lines.
func (t *logTail) text() string {
	t.mu.Lock()
	b := bytes.Clone(t.kept)
	t.mu.Unlock()
	if over := len(b) - tailBytes; over > 0 {
		b = b[over:]
		if nl := bytes.IndexByte(b, '\n'); nl >= 0 {
			b = b[nl+1:]
		}
	}
	return strings.TrimRight(t.hide.Redact(string(b)), "\n")
}

// death returns why an app in .NET has ended, by what was written since the last call. It waits
// for a time at most for that to come, and returns "" if nothing says so.
func (t *logTail) death(within time.Duration) string {
	for end := time.Now().Add(within); ; <-time.After(time.Millisecond) {
		t.mu.Lock()
		why := eventlog.Death(string(t.kept[t.seen:]))
		if late := time.Now().After(end); why != "" || late {
			t.seen = len(t.kept)
			t.mu.Unlock()
			return t.hide.Redact(why)
		}
		t.mu.Unlock()
	}
}
