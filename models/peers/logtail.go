package peers

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// tailBytes is how much of a server's output is kept.
const tailBytes = 16 << 10

// logTail keeps the last bytes written to it.
type logTail struct {
	hide *strings.Replacer
	end  chan struct{}
	want string        // a text that seen waits for
	seen chan struct{} // closed when a line has want

	mu   sync.Mutex
	kept []byte
	cut  bool // kept does not begin where the output began
}

// shortestHidden is the length from which a value is hidden: a shorter one is no
// secret, and hiding it ("1", "en", "true") would garble the text.
const shortestHidden = 6

// newLogTail returns a logTail that hides the values of env, which may be secrets, as a
// whole and line by line. It tells when a line has the text want.
func newLogTail(env []string, want string) *logTail {
	var values []string
	for _, kv := range env {
		_, value, _ := strings.Cut(kv, "=")
		values = append(values, value)
		values = append(values, strings.Split(value, "\n")...)
	}
	values = slices.DeleteFunc(values, func(v string) bool { return len(v) < shortestHidden })
	// Longest first, so that a value that is part of another leaves no rest of it.
	slices.SortFunc(values, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	var pairs []string
	for _, v := range slices.Compact(values) {
		pairs = append(pairs, v, "(hidden)")
	}
	t := &logTail{hide: strings.NewReplacer(pairs...), end: make(chan struct{}), want: want, seen: make(chan struct{})}
	if want == "" {
		close(t.seen)
	}
	return t
}

// fill reads r to its end, which comes when the last process that holds its
// other side has ended. It passes everything on to kept; when that fails, the server's
// output is still read.
func (t *logTail) fill(r io.ReadCloser, kept io.WriteCloser) {
	defer close(t.end)
	defer r.Close()
	defer kept.Close()
	buf := make([]byte, 4096)
	look := lookFor(t.want, t.seen)
	for {
		n, err := r.Read(buf)
		look(buf[:n])
		_, _ = kept.Write(buf[:n])
		t.mu.Lock()
		t.kept = append(t.kept, buf[:n]...)
		if over := len(t.kept) - tailBytes; over > tailBytes {
			t.kept, t.cut = append(t.kept[:0], t.kept[over:]...), true
		}
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// lookFor returns a function that is shown a text piece by piece, and closes seen when a
// line of it has the text want.
func lookFor(want string, seen chan<- struct{}) func([]byte) {
	var rest []byte // the end of the last piece, in which want may have begun
	found := want == ""
	return func(piece []byte) {
		if found {
			return
		}
		rest = append(rest, piece...)
		if found = bytes.Contains(rest, []byte(want)); found {
			close(seen)
		}
		if over := len(rest) - len(want); over > 0 {
			rest = append(rest[:0], rest[over:]...)
		}
	}
}

// wait waits, within a limit, until the end was read: a process that escaped may hold
// the other side.
func (t *logTail) wait(bound time.Duration) {
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case <-t.end:
	case <-timer.C:
	}
}

// text returns the last whole lines.
func (t *logTail) text() string {
	t.mu.Lock()
	b, cut := bytes.Clone(t.kept), t.cut
	t.mu.Unlock()
	if cut { // the first line may begin with half a value, which nothing would hide
		_, b, _ = bytes.Cut(b, []byte("\n"))
	}
	s := t.hide.Replace(string(b))
	if over := len(s) - tailBytes; over > 0 {
		_, s, _ = strings.Cut(s[over:], "\n")
	}
	return strings.TrimRight(strings.ToValidUTF8(s, "?"), "\n")
}
