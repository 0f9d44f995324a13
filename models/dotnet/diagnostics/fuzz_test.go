package diagnostics

import (
	"bufio"
	"bytes"
	"os"
	"testing"
)

// Whatever a session sends, it is read to its end or refused.
func FuzzStream(f *testing.F) {
	session, err := os.ReadFile("testdata/session.nettrace")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(session)
	f.Add(session[:len(session)/2])
	f.Add([]byte("Nettrace"))
	f.Fuzz(func(t *testing.T, b []byte) {
		seen := 0
		s := &stream{in: bufio.NewReader(bytes.NewReader(b)), events: map[uint32]description{}, counter: func(name string, _ float64) {
			if seen++; name == "" {
				t.Error("a counter without a name")
			}
		}}
		err := s.read()
		if bytes.Equal(b, session) && (err != nil || seen < 20) {
			t.Errorf("%d counters in a real session: %v", seen, err)
		}
	})
}
