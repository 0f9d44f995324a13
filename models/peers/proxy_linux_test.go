package peers

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
)

func installed(t *testing.T, kind string) {
	t.Helper()
	if err := Available(kind); err != nil {
		t.Skip(err)
	}
}

// origin returns a backend that shows what it was asked.
func origin(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
		fmt.Fprintf(w, "%s %s %s host=%s connection=%q for=%q proto=%q body=%d", r.Proto, r.Method, r.RequestURI,
			r.Host, r.Header.Values("Connection"), r.Header.Values("X-Forwarded-For"), r.Header.Values("X-Forwarded-Proto"), len(b))
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func startProxy(t *testing.T, p Proxy) (*Server, *traces) {
	t.Helper()
	tr := newTraces(t)
	p.Cgroup = tr.cgroup
	s, err := p.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(t.Context()) })
	tr.address = s.Address()
	if tr.pids, err = s.PIDs(); err != nil {
		t.Fatal(err)
	}
	return s, tr
}

func TestProxy(t *testing.T) {
	backend := origin(t)
	for _, kind := range kinds() {
		for _, forwarded := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, forwarded %v", kind, forwarded), func(t *testing.T) {
				installed(t, kind)
				s, tr := startProxy(t, Proxy{Kind: kind, Backend: backend, Connections: 64, Forwarded: forwarded})
				a, err := http.Post("http://"+s.Address()+"/a%2Fb?q=1", "", bytes.NewReader(make([]byte, 3<<20)))
				if err != nil {
					t.Fatal(err)
				}
				defer a.Body.Close()
				b, _ := io.ReadAll(a.Body)
				extra := `for=[] proto=[]`
				if forwarded {
					extra = `for=["127.0.0.1"] proto=["http"]`
				}
				want := fmt.Sprintf("HTTP/1.1 POST /a%%2Fb?q=1 host=%s connection=[] %s body=%d", s.Address(), extra, 3<<20)
				if string(b) != want {
					t.Errorf("the backend saw\n%s, want\n%s", b, want)
				}
				want = map[string]string{Nginx: "nginx", HAProxy: "haproxy"}[kind]
				if n := map[string]int{Nginx: 2, HAProxy: 1}[kind]; len(tr.pids) != n {
					t.Errorf("processes %s, want %d", processNames(tr.pids), n)
				}
				for _, pid := range tr.pids {
					if !strings.HasPrefix(processNames([]int{pid}), want) {
						t.Errorf("process %s", processNames([]int{pid}))
					}
				}
				if s.LogTail() != "" {
					t.Logf("it says: %s", s.LogTail())
				}
				if err := s.Stop(t.Context()); err != nil {
					t.Error(err)
				}
				tr.none(t)
			})
		}
	}
}

// The rung is what it says: backend connections are kept, and shared by clients.
func TestReuses(t *testing.T) {
	backend := origin(t)
	const requests = 24
	for _, kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			installed(t, kind)
			s, _ := startProxy(t, Proxy{Kind: kind, Backend: backend})
			for _, want := range []int{1, 0} { // the second time it has an idle one
				n, err := Reuses(t.Context(), s, backend, requests)
				if err != nil || n != want {
					t.Errorf("%d new backend connections for %d requests (%v), want %d", n, requests, err, want)
				}
			}
		})
	}
	t.Run("a proxy that keeps none", func(t *testing.T) {
		s := start(t, Command{Line: goServer("proxy-noreuse " + backend)})
		n, err := Reuses(t.Context(), s, backend, requests)
		if err != nil || n != requests {
			t.Errorf("%d new backend connections for %d requests (%v)", n, requests, err)
		}
	})
	t.Run("no proxy at all", func(t *testing.T) {
		s := start(t, Command{Line: goServer("good")})
		if n, err := Reuses(t.Context(), s, "127.0.0.1:1", requests); err == nil {
			t.Errorf("%d connections with a backend that it does not know", n)
		}
	})
	t.Run("no backend", func(t *testing.T) {
		installed(t, Nginx)
		s, _ := startProxy(t, Proxy{Kind: Nginx, Backend: "127.0.0.1:1"})
		if _, err := Reuses(t.Context(), s, "127.0.0.1:1", requests); err == nil || !strings.Contains(err.Error(), "502") {
			t.Errorf("error %v", err)
		}
	})
}

func TestProxyFaults(t *testing.T) {
	for _, c := range []struct {
		p    Proxy
		want []string
	}{
		{Proxy{Kind: "squid", Backend: "127.0.0.1:1"}, []string{`squid: unknown proxy "squid": the proxies are nginx, haproxy`}},
		{Proxy{Kind: Nginx, Name: "front", Backend: "x; }", Connections: -1}, []string{"front: ", `backend "x; }": must be an IP address and port`, "-1 connections"}},
	} {
		if c.p.Kind == Nginx && Available(Nginx) != nil {
			c.want = []string{"nginx is not installed (Debian: nginx-light)"}
		}
		tr := newTraces(t)
		c.p.Cgroup = tr.cgroup
		_, err := c.p.Start(t.Context())
		if err == nil {
			t.Fatalf("%+v starts", c.p)
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error %q lacks %q", err, want)
			}
		}
		tr.address = "127.0.0.1:1"
		tr.none(t)
	}
}

func TestNotInstalled(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, kind := range kinds() {
		if _, err := find(kind); err == nil {
			t.Logf("%s is where PATH does not matter", kind)
		} else if want := kind + " is not installed (Debian: " + packages[kind] + ")"; err.Error() != want {
			t.Errorf("error %q, want %q", err, want)
		}
	}
}

func TestVersion(t *testing.T) {
	for _, kind := range Proxies() {
		v, err := Version(t.Context(), kind)
		if err != nil || !strings.HasPrefix(v, kind+"/") || len(v) < len(kind)+4 {
			t.Errorf("%s: %q, %v", kind, v, err)
		}
	}
}

// What is no version is none, whoever prints it.
func TestVersionOfAnotherProgram(t *testing.T) {
	for _, c := range []struct{ kind, printed, want string }{
		{Nginx, "nginx version: nginx/1.22.1\n", "nginx/1.22.1"},
		{Nginx, "nginx version: nginx/1.18.0 (Ubuntu)\nbuilt by gcc\n", "nginx/1.18.0 (Ubuntu)"},
		{HAProxy, "HAProxy version 2.6.12-1+deb12u1 2023/12/16 - https://haproxy.org/\n", "haproxy/2.6.12-1+deb12u1"},
		{Nginx, "", ""},
		{Nginx, "nginx version: ", ""},
		{Nginx, "nginx version: nginx/", ""},
		{Nginx, "nginx version: openresty/1.21.4.1", ""},
		{Nginx, "usage: web [-v]", ""},
		{Nginx, "HAProxy version 2.6.12-1 2023/12/16", ""},
		{HAProxy, "", ""},
		{HAProxy, "HAProxy version", ""},
		{HAProxy, "nginx version: nginx/1.22.1", ""},
		{HAProxy, "cannot open shared object", ""},
	} {
		got, err := version(c.kind, c.printed)
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s prints %q: %q, %v", c.kind, c.printed, got, err)
		}
	}
}

// kill -9 of the process that started the proxy. nginx wipes the environment it
// was born with and has a second process: the group and the folder must do.
func TestKilledParentLeavesNoProxy(t *testing.T) {
	backend := origin(t)
	for _, kind := range kinds() {
		for _, grouped := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, cgroup %v", kind, grouped), func(t *testing.T) {
				installed(t, kind)
				tr := newTraces(t)
				if !grouped {
					tr.cgroup = ""
				} else if tr.cgroup == "" {
					t.SkipNow()
				}
				c, address := parent(t, tr, "proxy:"+kind+" "+backend)
				tr.address = address
				get(t, address)
				pids, err := (&tree{root: firstOf(t, kind, c.Process.Pid), mark: "x=y"}).pids()
				if err != nil || len(pids) == 0 {
					t.Fatal(pids, err)
				}
				tr.pids = pids
				if err := c.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				tr.soon(t)
			})
		}
	}
}

// firstOf finds the child of pid whose name begins with kind.
func firstOf(t *testing.T, kind string, pid int) int {
	t.Helper()
	family, err := (&tree{root: pid, mark: "x=y"}).pids()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range family {
		if strings.HasPrefix(processNames([]int{p}), kind) {
			return p
		}
	}
	t.Fatalf("no %s among %s", kind, processNames(family))
	return 0
}

// A worker that dies is nginx's own affair; the master's death is the end.
func TestKilledNginx(t *testing.T) {
	installed(t, Nginx)
	s, tr := startProxy(t, Proxy{Kind: Nginx, Backend: origin(t)})
	if err := syscall.Kill(s.tree.root, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	if err := s.Err(); err == nil || !strings.Contains(err.Error(), "nginx: ended unasked (signal: killed) and left nginx (process ") {
		t.Errorf("error %v", err)
	}
	tr.none(t)
}

func TestManyConnections(t *testing.T) {
	backend := origin(t)
	for _, kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			installed(t, kind)
			const clients = 1500 // more than the usual soft limit of 1024 descriptors
			s, _ := startProxy(t, Proxy{Kind: kind, Backend: backend, Connections: clients})
			var open []net.Conn
			defer func() {
				for _, c := range open {
					c.Close()
				}
			}()
			buf := make([]byte, 4096)
			for i := range clients {
				c, err := net.Dial("tcp", s.Address())
				if err != nil {
					t.Fatalf("connection %d: %v", i, err)
				}
				open = append(open, c)
				fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
				if n, err := c.Read(buf); err != nil || !bytes.HasPrefix(buf[:n], []byte("HTTP/1.1 200 ")) {
					t.Fatalf("connection %d: %q %v", i, buf[:n], err)
				}
			}
		})
	}
}
