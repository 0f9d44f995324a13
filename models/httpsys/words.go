package httpsys

import "net/http"

// words remembers the names and values of response fields as the strings and
// slices that net/http wants: an app says the same few all the time.
type words struct {
	names  map[string]string
	values map[string][]string
}

// Bounds of what is remembered: how many, and how long a value may be.
const (
	mostWords   = 128
	longestWord = 128
)

var (
	wordClose   = []string{"close"}
	wordChunked = []string{"chunked"}
)

// name returns the canonical form of a field name.
func (w *words) name(b []byte) string {
	if s, ok := w.names[string(b)]; ok {
		return s
	}
	s := http.CanonicalHeaderKey(string(b))
	if len(w.names) < mostWords && len(b) <= longestWord {
		w.names[string(b)] = s
	}
	return s
}

// value returns a slice with this one value. The slice is shared and must not be
// changed.
func (w *words) value(b []byte) []string {
	if s, ok := w.values[string(b)]; ok {
		return s
	}
	s := string(b)
	v := []string{s}
	if len(b) > longestWord {
		return v
	}
	if len(w.values) >= mostWords {
		clear(w.values) // something in them is always new, such as an id
	}
	w.values[s] = v
	return v
}
