package ancm

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"ancmbench/models/app"
)

// The same request gets the same bytes under every model and front.
func TestSameApp(t *testing.T) {
	cases := []struct {
		method, path, body string
		chunked            bool
		status             int
		want               string // "" is whatever, if it is not empty
		length             int64
	}{
		{"GET", "/plaintext", "", false, 200, "Hello, World!", 13},
		{"HEAD", "/plaintext", "", false, 200, "", 13},
		{"GET", "/json", "", false, 200, `{"message":"Hello, World!"}`, 27},
		{"GET", "/bytes/0", "", false, 200, "", 0},
		{"GET", "/bytes/100000", "", false, 200, "", 100000},
		{"GET", "/bytes/x", "", false, 400, "", -2},
		{"GET", "/bytes/-1", "", false, 400, "", -2},
		{"GET", "/nothing", "", false, 404, "", -2},
		{"POST", "/echo", "ping", false, 200, "ping", 4},
		{"POST", "/echo", strings.Repeat("0123456789", 50000), false, 200, strings.Repeat("0123456789", 50000), 500000},
		{"POST", "/echo", strings.Repeat("chunky", 30000), true, 200, strings.Repeat("chunky", 30000), -1},
		{"POST", "/echo", "", false, 200, "", 0},
		{"GET", "/stream/3", "", false, 200, strings.Repeat(app.Chunk, 3), -1},
		{"GET", "/busy/10", "", false, 200, "done\n", 5},
		{"GET", "/sleep/10", "", false, 200, "done\n", 5},
	}
	eachModel(t, func(t *testing.T, model, kind string) {
		base := "http://" + startModel(t, model, kind, nil)
		c := client(t)
		for _, tc := range cases {
			for range 2 { // a second time on connections in use
				var body io.Reader = strings.NewReader(tc.body)
				if tc.chunked {
					body = io.MultiReader(body) // hides the length
				}
				r, err := http.NewRequest(tc.method, base+tc.path, body)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := c.Do(r)
				if err != nil {
					t.Fatalf("%s %s: %v", tc.method, tc.path, err)
				}
				got, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if err != nil {
					t.Errorf("%s %s: body: %v", tc.method, tc.path, err)
				}
				if resp.StatusCode != tc.status {
					t.Errorf("%s %s: status %d, want %d", tc.method, tc.path, resp.StatusCode, tc.status)
				}
				if tc.length > -2 && resp.ContentLength != tc.length {
					t.Errorf("%s %s: length %d, want %d", tc.method, tc.path, resp.ContentLength, tc.length)
				}
				if tc.want != "" && !bytes.Equal(got, []byte(tc.want)) {
					t.Errorf("%s %s: %d bytes %.60q, want %d bytes", tc.method, tc.path, len(got), got, len(tc.want))
				}
				for _, name := range []string{"X-Ancm-Model", "X-Ancm-Front-Pid", app.PIDHeader, "Date"} {
					if v := resp.Header[http.CanonicalHeaderKey(name)]; len(v) != 1 {
						t.Errorf("%s %s: %s = %q, want one value", tc.method, tc.path, name, v)
					}
				}
			}
		}
	})
}
