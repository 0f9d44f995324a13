package hostile_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// recorder is an app that keeps what it sees of each whole request, by the address of
// the client, and answers 200; 400 if it cannot read the body to its end.
type recorder struct {
	mu       sync.Mutex
	seen     map[string][]sight
	smuggled []string
}

// clientField names the client where a proxy that we did not write stands between.
const clientField = "X-Test-Client"

// sight is what the app saw of one request.
type sight struct{ method, text string }

func newRecorder() *recorder { return &recorder{seen: map[string][]sight{}} }

func (k *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.RequestURI, "/unread") {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	target := r.RequestURI
	if r.Method != http.MethodConnect && target != "*" && !strings.HasPrefix(target, "/") {
		target = r.URL.RequestURI() // net/http alone leaves absolute-form as it is
	}
	s := sight{r.Method, fmt.Sprintf("%s %s %s %q", r.Method, target, r.Host, body) + own("", r.Header) + own("~", r.Trailer)}
	k.mu.Lock()
	client := r.RemoteAddr
	if proxied := r.Header.Get(clientField); proxied != "" {
		client = proxied
	}
	k.seen[client] = append(k.seen[client], s)
	if strings.Contains(target, "smuggled") {
		k.smuggled = append(k.smuggled, s.text)
	}
	k.mu.Unlock()
	_, _ = io.WriteString(w, "ok") // the client may have gone
}

// own returns the fields that belong to the tests, whose names begin with T.
func own(mark string, h http.Header) (out string) {
	var names []string
	for name := range h {
		if strings.HasPrefix(name, "T-") || strings.HasPrefix(name, "T_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range h[name] {
			out += fmt.Sprintf(" %s%s=%q", mark, name, v)
		}
	}
	return out
}

// take returns what was seen of a client, and forgets it: its port will be another's.
func (k *recorder) take(client string) []sight {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.seen[client]
	delete(k.seen, client)
	return s
}

// noneSmuggled looks for what no server must ever see.
func (k *recorder) noneSmuggled(t *testing.T) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.smuggled) > 0 {
		t.Errorf("the app saw %d smuggled requests, the first: %s", len(k.smuggled), k.smuggled[0])
	}
}

// nothingLeft looks for what the app saw after its client had been told no.
func (k *recorder) nothingLeft(t *testing.T) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	for client, seen := range k.seen {
		t.Errorf("the app saw of %s, after the end: %q", client, seen)
	}
}
