package hostile_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/hostile"
)

// hosted is a site in real processes, and what of them is known.
type hosted struct {
	*models.Site
	next atomic.Int64
}

// siteFronts are the fronts of a site, its own first.
var siteFronts = []string{"", models.FrontNetHTTP, models.FrontTLS, "h2"}

func host(t *testing.T, model ancmbench.Model) *hosted {
	t.Helper()
	module := webconfig.Default()
	module.RapidFailsPerMinute = 100
	s, err := models.Start(t.Context(), models.Options{Model: model, Module: &module, Fronts: []string{models.FrontNetHTTP, models.FrontTLS}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Errorf("Stop: %v", err)
		}
		if strings.Contains(s.LogTail(), "DATA RACE") || strings.Contains(s.LogTail(), "goroutine ") {
			t.Errorf("log of %s:\n%s", model, s.LogTail())
		}
	})
	return &hosted{Site: s}
}

// processes returns the pids by role.
func (h *hosted) processes(t *testing.T) map[string]int {
	t.Helper()
	list, err := h.Processes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, p := range list {
		out[p.Role] = p.PID
	}
	return out
}

// client asks through one of the fronts.
func (h *hosted) client(t *testing.T, front string) (*http.Client, string) {
	t.Helper()
	target, err := h.FrontTarget(front)
	if err != nil {
		t.Fatal(err)
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(target.Protocol == "")
	protocols.SetHTTP2(target.Protocol == "h2")
	tr := &http.Transport{Protocols: protocols, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(tr.CloseIdleConnections)
	base := "http://" + target.Address
	if target.Scheme != "" {
		base = target.Scheme + "://" + target.Address
	}
	return &http.Client{Transport: tr, Timeout: patience}, base
}

// ask asks for a number of its own; a fault is anything but the right answer.
func (h *hosted) ask(c *http.Client, base string) (status int, fault error) {
	id := fmt.Sprint(h.next.Add(1))
	resp, err := c.Get(base + "/id/" + id)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode == http.StatusOK && (string(b) != id || resp.Header.Get("X-Id") != id) {
		return -1, fmt.Errorf("asked for %s and got %q", id, b)
	}
	if resp.StatusCode != http.StatusOK {
		return resp.StatusCode, fmt.Errorf("asked for %s and got %s %s", id, resp.Status, resp.Header.Get("X-Ancm-Error"))
	}
	return resp.StatusCode, nil
}

// breakOff sends a part of a request and goes, with a FIN or a reset.
func (h *hosted) breakOff(t *testing.T, front string, part []byte, reset bool) error {
	target, err := h.FrontTarget(front)
	if err != nil {
		return err
	}
	tcp, err := net.Dial("tcp", target.Address)
	if err != nil {
		return err
	}
	defer tcp.Close()
	_ = tcp.SetDeadline(time.Now().Add(patience))
	var c io.Writer = tcp
	if target.Scheme == "https" {
		config := &tls.Config{InsecureSkipVerify: true}
		if front == "h2" {
			config.NextProtos = []string{"h2"}
		}
		secure := tls.Client(tcp, config)
		if err := secure.HandshakeContext(t.Context()); err != nil {
			return err
		}
		c = secure
	}
	if _, err := c.Write(part); err != nil {
		return nil // it has closed before: that is its right
	}
	if reset {
		return tcp.(*net.TCPConn).SetLinger(0)
	}
	return nil
}

// uploads returns requests with a body, to be broken off anywhere.
func uploads(front string) map[string][]byte {
	if front == "h2" {
		return map[string][]byte{"stream": wholeStream(false), "stream, then reset": wholeStream(true)}
	}
	return map[string][]byte{
		"length": []byte("POST /echo HTTP/1.1\r\nHost: a\r\nT-A: b\r\nContent-Length: 20\r\n\r\n0123456789abcdefghi"),
		"chunks": []byte("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n01234\r\n3\r\nabc\r\n0\r\nT-Z: y\r\n\r"),
		"sink":   []byte("POST /sink HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n0123456789abcdefghi"),
		"bad":    []byte("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\nxyz\r\n\r\n"),
	}
}

// wholeStream returns what a client of HTTP/2 sends for a POST, but for its last byte.
func wholeStream(reset bool) []byte {
	var b bytes.Buffer
	b.WriteString(http2.ClientPreface)
	f := http2.NewFramer(&b, nil)
	_ = f.WriteSettings() // a Buffer takes all
	_ = writeHead(f, []hostile.Field{{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "a"}, {Name: ":path", Value: "/echo"}, {Name: "content-length", Value: "20"}}, false, 16<<10)
	_ = f.WriteData(1, false, []byte("0123456789"))
	if reset {
		_ = f.WriteRSTStream(1, http2.ErrCodeCancel)
	} else {
		_ = f.WriteData(1, false, []byte("abcdefghi"))
	}
	return b.Bytes()
}
