//go:build unix

package models_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/internal/proctree"
)

// listening returns what the site's processes listen on.
func listening(t *testing.T, s *models.Site) []string {
	t.Helper()
	var all []int
	for _, pid := range pids(t, s) {
		all = append(all, pid)
	}
	ls, err := proctree.Owned(all)
	if err != nil {
		t.Skip(err)
	}
	var out []string
	for _, l := range ls {
		out = append(out, l.Address.String())
	}
	return out
}

// inFlight begins a request that takes long and returns once the app has it.
func inFlight(t *testing.T, s *models.Site, path string) <-chan answer {
	t.Helper()
	out := make(chan answer, 1)
	before := busy(t, s)
	go func() {
		a, err := client(t).Get("http://" + s.Address() + path)
		if err != nil {
			out <- answer{body: err.Error()}
			return
		}
		defer a.Body.Close()
		b, err := io.ReadAll(a.Body)
		if err != nil {
			b = []byte(err.Error())
		}
		out <- answer{a.StatusCode, a.Header, string(b)}
	}()
	for end := time.Now().Add(10 * time.Second); busy(t, s) == before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the request does not arrive")
		}
	}
	return out
}

// busy returns how many requests the app has now, by its own count.
func busy(t *testing.T, s *models.Site) int {
	t.Helper()
	n, err := strconv.Atoi(ask(t, client(t), s, "/busy-now").body)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestInProcess(t *testing.T) {
	t.Run("IP-01_one_process_no_loopback_socket", func(t *testing.T) {
		t.Parallel()
		s := site(t, models.Options{Model: ancmbench.InProcess})
		ask(t, client(t), s, "/plaintext")
		if p := pids(t, s); len(p) != 2 || p[models.RoleApp] != 0 {
			t.Errorf("processes: %v", p)
		}
		if l := listening(t, s); len(l) != 1 || l[0] != s.Address() {
			t.Errorf("listening on %v, want %s only", l, s.Address())
		}
	})
	t.Run("IP-05_app_crash_is_worker_crash_and_the_socket_stays", func(t *testing.T) {
		t.Parallel()
		s := site(t, models.Options{Model: ancmbench.InProcess})
		slow := inFlight(t, s, "/sleep/30000000")
		before := pids(t, s)[models.RoleWorker]
		if _, err := client(t).Get("http://" + s.Address() + "/crash"); err == nil {
			t.Error("the crashing request was answered")
		}
		if got := <-slow; got.status != 0 {
			t.Errorf("a request in flight got %d %q", got.status, got.body)
		}
		if got := ask(t, client(t), s, "/plaintext"); got.status != 200 {
			t.Errorf("afterwards: %d", got.status)
		}
		if now := pids(t, s)[models.RoleWorker]; now == before || now == 0 {
			t.Errorf("worker %d, before %d", now, before)
		}
	})
	t.Run("IP-05_connections_wait_and_are_not_refused", func(t *testing.T) {
		t.Parallel()
		s := site(t, models.Options{Model: ancmbench.InProcess})
		done := make(chan struct{})
		var dials, refused atomic.Int64
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				c, err := net.Dial("tcp", s.Address())
				dials.Add(1)
				if err != nil {
					refused.Add(1)
					t.Error(err)
					return
				}
				c.Close()
			}
		})
		for range 5 {
			ask(t, client(t), s, "/plaintext")
			if err := s.Kill(t.Context(), models.RoleWorker); err != nil && !strings.Contains(err.Error(), "no worker") {
				t.Error(err)
			}
		}
		close(done)
		wg.Wait()
		if dials.Load() < 5 {
			t.Errorf("only %d connections were tried", dials.Load())
		}
	})
}

func TestOutOfProcess(t *testing.T) {
	t.Run("OP-01_app_starts_with_the_first_request", func(t *testing.T) {
		t.Parallel()
		s := site(t, models.Options{Model: ancmbench.OutOfProcess})
		c, err := net.Dial("tcp", s.Address()) // a connection starts the worker, and no app
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for end := time.Now().Add(10 * time.Second); pids(t, s)[models.RoleWorker] == 0; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("no worker")
			}
		}
		if p := pids(t, s); p[models.RoleApp] != 0 {
			t.Errorf("before the first request: %v", p)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		seen := map[string]int{}
		for range 30 {
			wg.Go(func() {
				a, err := client(t).Get("http://" + s.Address() + "/plaintext")
				if err != nil {
					t.Error(err)
					return
				}
				a.Body.Close()
				mu.Lock()
				seen[a.Header.Get("X-Ancm-App-Pid")]++
				mu.Unlock()
			})
		}
		wg.Wait()
		if p := pids(t, s); seen[strconv.Itoa(p[models.RoleApp])] != 30 {
			t.Errorf("answers by process %v, the app is %d", seen, p[models.RoleApp])
		}
	})
	t.Run("OP-02_OP-11_loopback_only_and_no_answer_without_the_token", func(t *testing.T) {
		t.Parallel()
		s := site(t, models.Options{Model: ancmbench.OutOfProcess})
		ask(t, client(t), s, "/plaintext")
		found := false
		for _, address := range listening(t, s) {
			host, port, _ := net.SplitHostPort(address)
			if host != "127.0.0.1" {
				t.Errorf("listens on %s", address)
			}
			if address == s.Address() {
				continue
			}
			found = true
			if n, _ := strconv.Atoi(port); n < 10000 || n > 48000 {
				t.Errorf("the app's port is %s", port)
			}
			for name, tokens := range map[string][]string{
				"none":  nil,
				"wrong": {"9b2d0f6e-6f0c-4f3e-8d5c-0123456789ab"},
				"two":   {"a", "b"},
			} {
				r, _ := http.NewRequest(http.MethodGet, "http://"+address+"/plaintext", http.NoBody)
				r.Header["MS-ASPNETCORE-TOKEN"] = tokens
				a, err := client(t).Do(r)
				if err != nil {
					t.Fatal(err)
				}
				b, _ := io.ReadAll(a.Body)
				a.Body.Close()
				if a.StatusCode != http.StatusBadRequest || len(b) != 0 {
					t.Errorf("token %s: %d %q", name, a.StatusCode, b)
				}
			}
		}
		if !found {
			t.Error("the app listens nowhere")
		}
	})
	t.Run("OP-13_app_exit_breaks_what_is_in_flight_with_502.3", func(t *testing.T) {
		t.Parallel()
		s := site(t, models.Options{Model: ancmbench.OutOfProcess})
		slow := inFlight(t, s, "/sleep/30000000")
		before := pids(t, s)
		if err := s.Kill(t.Context(), models.RoleApp); err != nil {
			t.Fatal(err)
		}
		if got := <-slow; got.status != 502 || !strings.HasPrefix(got.header.Get("X-Ancm-Error"), "502.3 ") {
			t.Errorf("in flight: %d %s %q", got.status, got.header.Get("X-Ancm-Error"), got.body)
		}
		if p := pids(t, s); p[models.RoleApp] != 0 {
			t.Error("restarted although nobody asked")
		}
		if got := ask(t, client(t), s, "/plaintext"); got.status != 200 {
			t.Errorf("afterwards: %d", got.status)
		}
		if now := pids(t, s); now[models.RoleWorker] != before[models.RoleWorker] || now[models.RoleApp] == before[models.RoleApp] {
			t.Errorf("before %v, now %v", before, now)
		}
	})
}

// Recycle and Stop finish what has begun (OP-16, BM-05).
func TestGracefulEnd(t *testing.T) {
	for _, model := range []ancmbench.Model{ancmbench.Direct, ancmbench.InProcess, ancmbench.OutOfProcess,
		ancmbench.OutOfProcessUnix, ancmbench.Bare, ancmbench.ReverseProxy} {
		for name, end := range map[string]func(*models.Site, context.Context) error{
			"Recycle": (*models.Site).Recycle, "Stop": (*models.Site).Stop} {
			t.Run(fmt.Sprintf("OP-16_%s_%s", name, model), func(t *testing.T) {
				t.Parallel()
				s := site(t, models.Options{Model: model})
				slow := inFlight(t, s, "/sleep/700000")
				if err := end(s, t.Context()); err != nil {
					t.Error(err)
				}
				if got := <-slow; got.status != 200 {
					t.Errorf("in flight: %d %q", got.status, got.body)
				}
			})
		}
	}
}

func TestForcedEnd(t *testing.T) {
	for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess} {
		t.Run(string(model), func(t *testing.T) {
			t.Parallel()
			s := site(t, models.Options{Model: model, Grace: 200 * time.Millisecond})
			slow := inFlight(t, s, "/sleep/55000000")
			if err := s.Stop(t.Context()); err != nil {
				t.Error(err)
			}
			if got := <-slow; got.status == 200 {
				t.Error("it took the request's 55 s")
			}
		})
	}
}
