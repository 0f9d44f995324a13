//go:build unix

package models_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/app"
	"ancmbench/models/internal/selfsigned"
)

// clientOf speaks to a target as the target says, and trusts whom it says.
func clientOf(t *testing.T, target ancmbench.Target, own ...tls.Certificate) (*http.Client, string) {
	t.Helper()
	protocols := new(http.Protocols)
	protocols.SetHTTP1(target.Protocol == "")
	protocols.SetHTTP2(target.Protocol == "h2")
	protocols.SetUnencryptedHTTP2(target.Protocol == "h2c")
	pool := x509.NewCertPool()
	if target.Scheme == "https" && !pool.AppendCertsFromPEM(target.Roots) {
		t.Fatalf("no certificate in %q", target.Roots)
	}
	tr := &http.Transport{Protocols: protocols, TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: own}}
	t.Cleanup(tr.CloseIdleConnections)
	scheme := target.Scheme
	if scheme == "" {
		scheme = "http"
	}
	return &http.Client{Transport: tr, Timeout: 30 * time.Second}, scheme + "://" + target.Address
}

// whoami returns what the app was told of a request.
func whoami(t *testing.T, c *http.Client, base string) (*http.Response, app.Request) {
	t.Helper()
	a, err := c.Get(base + "/whoami")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	var got app.Request
	if err := json.NewDecoder(a.Body).Decode(&got); err != nil {
		t.Fatalf("%d: %v", a.StatusCode, err)
	}
	return a, got
}

func TestFurtherFronts(t *testing.T) {
	for _, model := range []ancmbench.Model{ancmbench.Direct, ancmbench.InProcess, ancmbench.OutOfProcess} {
		t.Run("OP-05_OP-07_each_front_of_"+string(model), func(t *testing.T) {
			t.Parallel()
			s := site(t, models.Options{Model: model, Fronts: []string{models.FrontNetHTTP, models.FrontTLS, models.FrontH2C}})
			addresses := map[string]bool{}
			for _, c := range []struct{ front, proto, scheme string }{
				{"", "HTTP/1.1", "http"},
				{"nethttp", "HTTP/1.1", "http"},
				{"tls", "HTTP/1.1", "https"},
				{"h2", "HTTP/2.0", "https"},
				{"h2c", "HTTP/2.0", "http"},
			} {
				target, err := s.FrontTarget(c.front)
				if err != nil {
					t.Fatal(err)
				}
				addresses[target.Address] = true
				cl, base := clientOf(t, target)
				var workers []string
				for range 2 { // the second after kill -9 of the worker, which the sockets outlive
					a, got := whoami(t, cl, base)
					if a.Proto != c.proto || a.StatusCode != 200 || a.Header.Get(ancmbench.ModelHeader) != string(model) {
						t.Errorf("front %q: %s %d from %q", c.front, a.Proto, a.StatusCode, a.Header.Get(ancmbench.ModelHeader))
					}
					if got.Scheme != c.scheme || !strings.HasPrefix(got.RemoteAddr, "127.0.0.1:") {
						t.Errorf("front %q: the app was told of scheme %q and client %q", c.front, got.Scheme, got.RemoteAddr)
					}
					workers = append(workers, a.Header.Get("X-Ancm-Front-Pid"))
					if err := s.Kill(t.Context(), models.RoleWorker); err != nil {
						t.Fatal(err)
					}
					cl.CloseIdleConnections()
				}
				if workers[0] == workers[1] {
					t.Errorf("front %q: the same worker %s after it was killed", c.front, workers[0])
				}
			}
			if len(addresses) != 4 {
				t.Errorf("addresses %v, want a socket for each of the 4", addresses)
			}
		})
	}
	t.Run("OP-07_client_certificate", func(t *testing.T) {
		t.Parallel()
		s := site(t, models.Options{Model: ancmbench.OutOfProcess, Fronts: []string{models.FrontTLS}})
		own := selfsigned.Certificate(t)
		for front, proto := range map[string]string{"tls": "HTTP/1.1", "h2": "HTTP/2.0"} {
			target, err := s.FrontTarget(front)
			if err != nil {
				t.Fatal(err)
			}
			with, base := clientOf(t, target, own)
			without, _ := clientOf(t, target)
			for _, c := range []struct {
				client *http.Client
				want   string
			}{{with, base64.StdEncoding.EncodeToString(own.Certificate[0])}, {without, ""}} {
				a, got := whoami(t, c.client, base)
				if field := http.Header(got.Header).Get("Ms-Aspnetcore-Clientcert"); field != c.want || a.Proto != proto {
					t.Errorf("%s: %s with certificate %q, want %q", front, a.Proto, field, c.want)
				}
			}
		}
	})
	t.Run("OP-16_Stop_finishes_what_every_front_has_begun", func(t *testing.T) {
		t.Parallel()
		s := site(t, models.Options{Model: ancmbench.InProcess, Fronts: []string{models.FrontTLS, models.FrontH2C}})
		before := busy(t, s)
		out := make(chan string)
		for _, front := range []string{"tls", "h2", "h2c"} {
			target, err := s.FrontTarget(front)
			if err != nil {
				t.Fatal(err)
			}
			cl, base := clientOf(t, target)
			go func() {
				a, err := cl.Get(base + "/sleep/700000")
				if err != nil {
					out <- err.Error()
					return
				}
				defer a.Body.Close()
				_, err = io.Copy(io.Discard, a.Body)
				if err != nil {
					out <- err.Error()
					return
				}
				out <- a.Status
			}()
		}
		for end := time.Now().Add(10 * time.Second); busy(t, s) < before+3; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the requests do not arrive")
			}
		}
		if err := s.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		for range 3 {
			if got := <-out; got != "200 OK" {
				t.Error(got)
			}
		}
	})
}

// The certificate is valid for this site and its names only.
func TestFrontCertificate(t *testing.T) {
	a := site(t, models.Options{Model: ancmbench.InProcess, Fronts: []string{models.FrontTLS}})
	b := site(t, models.Options{Model: ancmbench.InProcess, Fronts: []string{models.FrontTLS}})
	ta, err := a.FrontTarget("tls")
	if err != nil {
		t.Fatal(err)
	}
	tb, err := b.FrontTarget("tls")
	if err != nil {
		t.Fatal(err)
	}
	ta.Roots = tb.Roots
	cl, base := clientOf(t, ta)
	if _, err := cl.Get(base + "/plaintext"); err == nil {
		t.Error("another site's certificate vouches for this one")
	}
	cl, base = clientOf(t, tb)
	cl.Transport.(*http.Transport).TLSClientConfig.ServerName = "example.com"
	if _, err := cl.Get(base + "/plaintext"); err == nil {
		t.Error("the certificate is good for example.com")
	}
	_, port, _ := net.SplitHostPort(tb.Address)
	cl, _ = clientOf(t, tb)
	got, err := cl.Get("https://localhost:" + port + "/plaintext")
	if err != nil {
		t.Fatal(err)
	}
	got.Body.Close()
}

func TestFrontsRefused(t *testing.T) {
	for _, c := range []struct {
		model  ancmbench.Model
		fronts []string
		want   []string
	}{
		{ancmbench.InProcess, []string{"http3", "tls", "tls"}, []string{`unknown further front "http3"`, "further front tls: given twice"}},
		{ancmbench.Relay, []string{"h2c"}, []string{"model relay: passes bytes on as they are"}},
	} {
		_, err := models.Start(context.Background(), models.Options{Model: c.model, Fronts: c.fronts})
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s %q: %v does not say %q", c.model, c.fronts, err, want)
			}
		}
	}
	s := site(t, models.Options{Model: ancmbench.InProcess, Fronts: []string{"h2c"}})
	for _, front := range []string{"tls", "h2", "lean"} {
		if target, err := s.FrontTarget(front); err == nil {
			t.Errorf("front %s, which is not there, is at %s", front, target.Address)
		}
	}
}
