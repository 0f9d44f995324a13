package ancm

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ancmbench/models/app"
	"ancmbench/models/httpsys"
	"ancmbench/models/internal/selfsigned"
)

// startHTTP2 starts a model behind TLS and gives a client that speaks HTTP/2.
func startHTTP2(t *testing.T, model string, h http.Handler) (string, *http.Client) {
	t.Helper()
	var native httpsys.Handler = &InProcess{Handler: h}
	if model == "out-of-process" {
		native = &Forwarder{Backends: Fixed(startApp(t, h))}
	}
	address := startFront(t, httpsys.NetHTTP, native, withTLS(selfsigned.Certificate(t)))
	return "https://" + address, http2Client(t)
}

func http2Client(t *testing.T) *http.Client {
	tr := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 10 * time.Second}
}

// Over HTTP/2 the app is the same under both models.
func TestHTTP2(t *testing.T) {
	long := strings.Repeat("0123456789", 50_000)
	for _, model := range []string{"in-process", "out-of-process"} {
		t.Run(model, func(t *testing.T) {
			base, c := startHTTP2(t, model, app.Handler())
			for _, tc := range []struct {
				method, path, body string
				status             int
				want               string
				length             int64
			}{
				{"GET", "/plaintext", "", 200, "Hello, World!", 13},
				{"HEAD", "/plaintext", "", 200, "", 13},
				{"POST", "/echo", long, 200, long, int64(len(long))},
				{"PUT", "/echo", "with trailers", 200, "with trailers", -2}, // HTTP/1.1 has no length beside trailers
				{"GET", "/nothing", "", 404, "404 page not found\n", 19},
				{"GET", "/stream/3", "", 200, strings.Repeat(app.Chunk, 3), -1},
				{"GET", "/whoami", "", 200, "", -2},
			} {
				r, _ := http.NewRequest(tc.method, base+tc.path, strings.NewReader(tc.body))
				if tc.method == "PUT" {
					r.Trailer = http.Header{"X-Sum": {"42"}}
				}
				resp, err := c.Do(r)
				if err != nil {
					t.Fatalf("%s: %v", tc.path, err)
				}
				got, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if err != nil || resp.StatusCode != tc.status || resp.ProtoMajor != 2 {
					t.Errorf("%s: %d, %s, %v", tc.path, resp.StatusCode, resp.Proto, err)
				}
				if tc.want != "" && string(got) != tc.want || tc.length > -2 && resp.ContentLength != tc.length {
					t.Errorf("%s: %d bytes, length %d; want %d, %d", tc.path, len(got), resp.ContentLength, len(tc.want), tc.length)
				}
				if tc.path == "/whoami" && !strings.Contains(string(got), `"scheme": "https"`) {
					t.Errorf("the app sees %s", got)
				}
				if tc.method == "PUT" && resp.Trailer.Get("X-Sum") != "42" {
					t.Errorf("trailers %v", resp.Trailer)
				}
			}
		})
	}
}

// A stream that is reset cancels the app's request.
func TestHTTP2Gone(t *testing.T) {
	for _, model := range []string{"in-process", "out-of-process"} {
		entered, left := make(chan struct{}), make(chan struct{})
		base, c := startHTTP2(t, model, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(entered)
			<-r.Context().Done()
			close(left)
		}))
		ctx, cancel := context.WithCancel(t.Context())
		r, _ := http.NewRequestWithContext(ctx, "GET", base, http.NoBody)
		failed := make(chan error, 1)
		go func() {
			_, err := c.Do(r)
			failed <- err
		}()
		<-entered
		cancel()
		if err := <-failed; err == nil {
			t.Errorf("%s: a cancelled request was answered", model)
		}
		select {
		case <-left:
		case <-time.After(5 * time.Second):
			t.Errorf("%s: the app never heard that the client had gone", model)
		}
	}
}
