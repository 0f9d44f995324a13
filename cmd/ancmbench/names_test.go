package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// resolveTo lets every name have the given IPv4 addresses, in that order, until the test
// ends.
func resolveTo(t *testing.T, addresses ...[4]byte) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	was := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = was
		conn.Close()
	})
	go func() {
		b := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			for _, a := range addresses {
				if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}, Body: &dnsmessage.AResource{A: a}})
				}
			}
			if out, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
}

// Of a name with several addresses load and run use the first that accepts a connection, as
// curl does, and say which.
func TestNameWithSeveralAddresses(t *testing.T) {
	t.Parallel()
	skipRaced(t)
	resolveTo(t, [4]byte{127, 0, 0, 2}, [4]byte{127, 0, 0, 3}, [4]byte{127, 0, 0, 1})
	s := newCounting(t, same) // listens on 127.0.0.1 alone
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	url := "http://several.example.:" + port + "/"
	at := func(args ...string) (string, error) {
		var said strings.Builder
		root := newRoot()
		root.SetArgs(args)
		root.SetOut(&said)
		root.SetErr(&said)
		err := root.ExecuteContext(t.Context())
		return said.String(), err
	}
	said, err := at("load", url, "-n", "20", "-c", "2")
	if err != nil || !strings.Contains(said, "connections to 127.0.0.1:"+port) {
		t.Errorf("load: %v: %s", err, said)
	}
	dir := t.TempDir()
	profile := filepath.Join(dir, "p.yaml")
	if err := os.WriteFile(profile, []byte(short), 0o644); err != nil {
		t.Fatal(err)
	}
	said, err = at("run", "--profile="+profile, "--rate=100", "--out="+filepath.Join(dir, "out"), "--target", "a="+url, "--target", "b="+s.URL+"/")
	if err != nil && !tooBusy(exitCode(t.Context(), err), err.Error()) || !strings.Contains(said, "a: several.example.:"+port+" is reached at 127.0.0.1:"+port) {
		t.Errorf("run: %v: %s", err, said)
	}
	if n := s.count(); n < 40 {
		t.Errorf("the server got %d requests", n)
	}
}
