package ancm

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"

	"ancmbench/models/ancm/debuglog"
	"ancmbench/models/httpsys"
)

var requestLine = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[ancm \d+ (ERROR|WARNING|INFO|TRACE)\] (.+)$`)

func TestDebugRequests(t *testing.T) {
	t.Run("CF-13_requests_are_told", func(t *testing.T) { eachFront(t, testDebugRequests) })
}

// safeBuffer is written by requests and read by the test.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func testDebugRequests(t *testing.T, kind string) {
	for level, want := range map[string]string{
		"ERROR": `ERROR GET "/fail": 502.3: no app; ERROR GET "/panic": 0.0: the app panicked`,
		"TRACE": `TRACE GET "/fail": begins; ERROR GET "/fail": 502.3: no app; TRACE GET "/well": begins; TRACE GET "/well": 204, 0 bytes; ` +
			`TRACE GET "/panic": begins; ERROR GET "/panic": 0.0: the app panicked`,
	} {
		console := new(safeBuffer)
		settings, _ := debuglog.ParseLevel("CONSOLE," + level)
		l, err := debuglog.Open(settings, "", console)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan bool, 3)
		inner := &DebugRequests{Log: l, Next: httpsys.HandlerFunc(func(x *httpsys.Exchange) {
			switch string(x.Target) {
			case "/fail?secret":
				x.Error(502, 3, "", nil, errors.New("no app"))
			case "/panic":
				panic("x")
			default:
				_ = x.WriteHead(204, nil, 0)
			}
		})}
		address := startFront(t, kind, httpsys.HandlerFunc(func(x *httpsys.Exchange) {
			defer func() { done <- true }()
			inner.ServeExchange(x)
		}))
		for _, target := range []string{"/fail?secret", "/well", "/panic"} {
			c := dial(t, address)
			if _, err := c.Write([]byte("GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")); err != nil {
				t.Fatal(err)
			}
			<-done
		}
		var got []string
		for line := range strings.Lines(console.b.String()) {
			if m := requestLine.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil {
				text, _, _ := strings.Cut(m[2], ", after ")
				got = append(got, m[1]+" "+text)
			}
		}
		if text := strings.Join(got, "; "); text != want {
			t.Errorf("%s:\n got %s\nwant %s", level, text, want)
		}
	}
}
