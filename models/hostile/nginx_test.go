package hostile_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ancmbench/models/ancm"
	"ancmbench/models/hostile"
	"ancmbench/models/httpsys"
	"ancmbench/models/kestrel"
)

// nginxConfig is nginx as our forwarder is: the target as it came, bodies as they
// come, and the limits of heads and bodies alike. Default values of the other
// directives; what is not said to be off is on.
const nginxConfig = `daemon off;
worker_processes 1;
pid %[1]s/pid;
error_log %[1]s/error.log error;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi; uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  client_max_body_size 30000000;
  large_client_header_buffers 4 64k;
  client_header_timeout 2s;
  client_body_timeout 2s;
  lingering_time 1s;
  lingering_timeout 500ms;
  keepalive_timeout 5s;
  merge_slashes off;
  upstream origin { server %[2]s; keepalive 64; }
  server {
    listen 127.0.0.1:%[3]s;
    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Test-Client $remote_addr:$remote_port;
      proxy_request_buffering off;
      proxy_buffering off;
    }
  }
}
`

// startNginx starts nginx in front of an origin that keeps what it gets.
func startNginx(t *testing.T) *place {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			t.Skip("skipped: no nginx on this machine (Debian: nginx-light)")
		}
	}
	p := &place{name: "nginx", app: newRecorder()}
	origin := kestrel.New(kestrel.Options{Handler: p.app})
	l := listen(t)
	go origin.Serve(l)
	t.Cleanup(func() { _ = origin.Close() })
	free := listen(t)
	p.address = free.Addr().String()
	_, port, _ := net.SplitHostPort(p.address)
	_ = free.Close()
	dir := t.TempDir()
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, nginxConfig, dir, l.Addr(), port), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil { // its worker has another user
		t.Fatal(err)
	}
	c := exec.Command(path, "-p", dir, "-c", config)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait()
	})
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		resp, err := http.Get("http://" + p.address + "/up")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Server"), "nginx") {
				t.Fatalf("whoever answers at nginx's port is not nginx: %s, Server %q", resp.Status, resp.Header.Get("Server"))
			}
			return p
		}
		if time.Now().After(end) {
			log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
			t.Fatalf("nginx does not answer: %v\n%s", err, log)
		}
	}
}

// reached returns the requests that reached the origin, with their bodies, the last of
// them first in step or not at all: method, target and body of each.
func reached(p *place, input string) (out []string) {
	c, client, err := p.dial()
	if err != nil {
		return []string{err.Error()}
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	go func() { _, _ = c.Write([]byte(input + endRequest)) }() // a server may close before it has read all
	buf := make([]byte, 32<<10)
	for {
		if _, err := c.Read(buf); err != nil {
			if n, ok := err.(net.Error); ok && n.Timeout() {
				out = append(out, "no end")
			}
			break
		}
	}
	for _, s := range p.app.take(client) {
		// The host is left out: what of an absolute target's it is has its own cases.
		method, rest, _ := strings.Cut(s.text, " ")
		target, rest, _ := strings.Cut(rest, " ")
		_, rest, _ = strings.Cut(rest, " ")
		out = append(out, method+" "+target+" "+quoted(rest))
	}
	return out
}

// quoted returns the quoted string that s begins with.
func quoted(s string) string {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[:i+1]
		}
	}
	return s
}

// TestAgainstNginx holds the lean front before the forwarder against nginx, with the
// same app behind: which requests get through, and where their bodies end.
func TestAgainstNginx(t *testing.T) {
	nginx := startNginx(t)
	ours := &place{name: "ours", app: newRecorder()}
	f, err := httpsys.New(httpsys.Options{Kind: httpsys.Lean, Handler: &ancm.Forwarder{Backends: ancm.Fixed(backend(t, ours.app))}})
	if err != nil {
		t.Skip("skipped: no lean front on this system")
	}
	ours.serve(t, f)
	var mu sync.Mutex
	used := make([]int, len(nginxDifferences))
	same := 0
	next := make(chan *hostile.Request)
	var all sync.WaitGroup
	for range 32 { // nginx lingers
		all.Go(func() {
			for r := range next {
				us, them := reached(ours, r.Input), reached(nginx, r.Input)
				mu.Lock()
				if slices.Equal(us, them) {
					same++
				} else if i := slices.IndexFunc(nginxDifferences, func(d nginxDifference) bool { return d.names.MatchString(r.Name) }); i >= 0 {
					used[i]++
				} else {
					t.Errorf("%s: no reason is named\n ours %.300q\nnginx %.300q", r.Name, us, them)
				}
				mu.Unlock()
			}
		})
	}
	for _, r := range hostile.Requests() {
		if strings.HasPrefix(r.Name, "size: length one beyond") {
			continue // ours waits for the rest of the body, and so would this
		}
		next <- &r
	}
	close(next)
	all.Wait()
	for i, d := range nginxDifferences {
		if used[i] == 0 {
			t.Errorf("the difference %q is none any more: %s", d.names, d.why)
		}
	}
	t.Logf("%d requests are the same to both, %d are not", same, len(hostile.Requests())-same-1)
	if same < 480 {
		t.Errorf("%d requests are the same to both: the comparison does not compare", same)
	}
}
