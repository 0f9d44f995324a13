package loadgen_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/loadgen"
)

// Once speaks what the target says, and trusts whom it says.
func TestOnce(t *testing.T) {
	for _, c := range []struct {
		name, protocol, want string
		tls                  bool
	}{
		{"http", "", "HTTP/1.1", false},
		{"https", "http/1.1", "HTTP/1.1", true},
		{"h2", "h2", "HTTP/2.0", true},
		{"h2c", "h2c", "HTTP/2.0", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Proto != c.want {
					w.WriteHeader(http.StatusHTTPVersionNotSupported)
				}
			}))
			s.Config.Protocols = new(http.Protocols)
			s.Config.Protocols.SetHTTP1(true)
			s.Config.Protocols.SetHTTP2(true)
			s.Config.Protocols.SetUnencryptedHTTP2(true)
			s.EnableHTTP2 = true
			target := ancmbench.Target{Name: c.name, Protocol: c.protocol, Address: s.Listener.Addr().String(),
				Workload: ancmbench.Workload{Requests: []ancmbench.Request{{Path: "/"}}}}
			if c.tls {
				s.StartTLS()
				target.Scheme = "https"
				target.Roots = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
			} else {
				s.Start()
			}
			defer s.Close()
			took, err := loadgen.Once(t.Context(), target)
			if err != nil || took <= 0 {
				t.Errorf("%v, %v", took, err)
			}
			target.Expect.Status = 204
			if _, err := loadgen.Once(t.Context(), target); err == nil || !strings.Contains(err.Error(), "status 200 where 204") {
				t.Errorf("a wrong answer: %v", err)
			}
			if c.tls {
				target.Roots = nil
				if _, err := loadgen.Once(t.Context(), target); err == nil || !strings.Contains(err.Error(), "certificate") {
					t.Errorf("nobody vouches for the server: %v", err)
				}
				target.Roots = []byte("no PEM")
				if _, err := loadgen.Once(t.Context(), target); err == nil || !strings.Contains(err.Error(), "no certificate in PEM") {
					t.Errorf("roots that are none: %v", err)
				}
			}
		})
	}
}
