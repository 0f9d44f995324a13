package peers

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// outward returns addresses of this machine that other hosts reach, one of IPv4 and one of
// IPv6 where there are. It skips the test where there is none.
func outward(t *testing.T) (out []string) {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	found := map[bool]bool{}
	for _, a := range all {
		p, err := netip.ParsePrefix(a.String())
		if ip := p.Addr(); err == nil && !ip.IsLoopback() && !ip.IsLinkLocalUnicast() && !found[ip.Is4()] {
			found[ip.Is4()] = true
			out = append(out, ip.String())
		}
	}
	if out == nil {
		t.Skip("skipped: this machine has no address that other hosts reach")
	}
	return out
}

// What is measured from other hosts listens where they reach it: each proxy, and a command
// that uses any of the words and variables that say where.
func TestListensWhereOtherHostsReach(t *testing.T) {
	backend := origin(t)
	for _, at := range outward(t) {
		for _, kind := range kinds() {
			t.Run(kind+" on "+at, func(t *testing.T) {
				installed(t, kind)
				s, _ := startProxy(t, Proxy{Kind: kind, Listen: at, Backend: backend})
				checkAnswers(t, s, at, "HTTP/1.1 GET /")
				if n, err := Reuses(t.Context(), s, backend, 24); err != nil || n > 1 {
					t.Errorf("%d new backend connections, %v", n, err)
				}
			})
		}
		for name, line := range map[string]string{
			"variable":      goServer("told"),
			"all addresses": goServer("all"),
			"HOST":          `ANCMBENCH_HOST="$HOST" exec env ` + goServer("told"),
			"words":         `test {listen} = "${ANCMBENCH_URL#http://}" && ANCMBENCH_HOST={listen-host} exec env ` + goServer("told"),
		} {
			t.Run(name+" on "+at, func(t *testing.T) {
				s := start(t, Command{Line: line, Listen: at})
				checkAnswers(t, s, at, "go ")
			})
		}
	}
}

func checkAnswers(t *testing.T, s *Server, at, want string) {
	t.Helper()
	if host, _, err := net.SplitHostPort(s.Address()); err != nil || host != at {
		t.Errorf("its address is %s, want it on %s", s.Address(), at)
	}
	if got := get(t, s.Address()); !strings.HasPrefix(got, want) {
		t.Errorf("it answers %q, want %q", got, want)
	}
}

// A server that stays on loopback, where other hosts do not reach it, ends with one
// sentence that says so, and not at the first request of another host.
func TestLoopbackIsNotReached(t *testing.T) {
	at := outward(t)[0]
	tr := newTraces(t)
	_, err := Command{Name: "app", Line: goServer("good"), Listen: at, Cgroup: tr.cgroup}.Start(t.Context())
	if !errors.Is(err, ErrNotListening) || !strings.Contains(err.Error(), "it listens on 127.0.0.1:") || !strings.Contains(err.Error(), "which load agents on other hosts do not reach; let it listen on {listen}") {
		t.Errorf("got %v", err)
	}
	_, err = Command{Line: "x {socket}", Listen: at}.Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "Unix socket {socket}, which load agents on other hosts do not reach") {
		t.Errorf("a Unix socket: %v", err)
	}
	for _, bad := range []string{"localhost", "10.0.0.1:80", "; }"} {
		if _, err := (Command{Line: "true", Listen: bad}).Start(t.Context()); err == nil || !strings.Contains(err.Error(), "must be an IP address") {
			t.Errorf("%q: %v", bad, err)
		}
		if _, err := (Proxy{Kind: Nginx, Backend: "127.0.0.1:1", Listen: bad}).Start(t.Context()); err == nil || Available(Nginx) == nil && !strings.Contains(err.Error(), "must be an IP address") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	tr.address = "127.0.0.1:1"
	tr.none(t)
}
