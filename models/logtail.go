package models

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"sync"
)

// tailBytes is how much of the processes' stderr is kept.
const tailBytes = 16 << 10

// logTail keeps the last bytes written to it.
type logTail struct {
	mu   sync.Mutex
	kept []byte
	hide []string
}

// newLogTail hides the values of env, which may be secrets.
func newLogTail(env []string) *logTail {
	t := &logTail{}
	for _, kv := range env {
		// A shorter value is no secret, and hiding it would garble the text.
		if _, v, _ := strings.Cut(kv, "="); len(v) >= 6 {
			t.hide = append(t.hide, v)
		}
	}
	return t
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
		}
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// pairingToken has the shape of every token and nothing else that we print.
var pairingToken = regexp.MustCompile(`(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// text gives the last whole lines.
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
	s := pairingToken.ReplaceAllString(string(b), "(token)")
	for _, v := range t.hide {
		s = strings.ReplaceAll(s, v, "(hidden)")
	}
	return strings.TrimRight(s, "\n")
}
