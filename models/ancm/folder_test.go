//go:build unix

package ancm

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ancmbench/models/httpsys"
)

// folderOf watches a new folder, with a web.config in it.
func folderOf(t *testing.T) (f *Folder, offline, online, changed *atomic.Int32) {
	t.Helper()
	offline, online, changed = new(atomic.Int32), new(atomic.Int32), new(atomic.Int32)
	dir := t.TempDir()
	f = &Folder{Dir: dir, Config: filepath.Join(dir, "web.config")}
	put(t, f.Config, "first")
	f.Offline = func(bool) { offline.Add(1) }
	f.Online = func() { online.Add(1) }
	f.Changed = func() { changed.Add(1) }
	f.Next = httpsys.HandlerFunc(func(x *httpsys.Exchange) { x.Error(204, 0, "", nil, nil) })
	f.Remember()
	return f, offline, online, changed
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func becomes(t *testing.T, what string, n *atomic.Int32, want int32) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); n.Load() != want; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: %d times, want %d", what, n.Load(), want)
		}
	}
}

// pageOf waits for the page of an app that is off line.
func pageOf(t *testing.T, f *Folder, want string) {
	t.Helper()
	got := "no page"
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if page := f.page.Load(); page != nil {
			if got = string(page.body); got == want {
				return
			}
		}
	}
	t.Fatalf("page %.100q, want %.100q", got, want)
}

// A change in the folder is noticed without any request.
func TestFolderIsWatched(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, config string){
		"written":  func(t *testing.T, config string) { put(t, config, "second") },
		"replaced": func(t *testing.T, config string) { put(t, config+".new", "other"); rename(t, config+".new", config) },
		"edited": func(t *testing.T, config string) { // as vim does it
			rename(t, config, config+"~")
			put(t, config, "third")
			if err := os.Remove(config + "~"); err != nil {
				t.Fatal(err)
			}
		},
		"removed": func(t *testing.T, config string) {
			if err := os.Remove(config); err != nil {
				t.Fatal(err)
			}
		},
		"same size and time": func(t *testing.T, config string) {
			info, err := os.Stat(config)
			if err != nil {
				t.Fatal(err)
			}
			put(t, config+".new", "tsrif")
			if err := os.Chtimes(config+".new", info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
			rename(t, config+".new", config)
		},
	} {
		t.Run("BM-05_"+name, func(t *testing.T) {
			t.Parallel()
			f, offline, _, changed := folderOf(t)
			f.anyway = time.Hour // what is seen was notified
			defer f.Watch()()
			put(t, filepath.Join(f.Dir, OfflineFile), "closed")
			becomes(t, "offline", offline, 1) // it has looked once, as it does when it begins
			change(t, f.Config)
			becomes(t, "changed", changed, 1)
		})
	}
	t.Run("BM-05_through_a_link", func(t *testing.T) {
		t.Parallel()
		elsewhere := filepath.Join(t.TempDir(), "real.config")
		put(t, elsewhere, "first")
		f, _, _, changed := folderOf(t)
		if err := os.Remove(f.Config); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(elsewhere, f.Config); err != nil {
			t.Fatal(err)
		}
		f.Remember()
		defer f.Watch()()
		put(t, elsewhere, "second") // nothing is notified
		becomes(t, "changed", changed, 1)
	})
	t.Run("BM-05_polled", func(t *testing.T) {
		t.Parallel()
		f, offline, _, changed := folderOf(t)
		f.CheckEvery = 10 * time.Millisecond
		end := make(chan struct{})
		defer close(end)
		go f.poll(end)
		put(t, f.Config, "second")
		put(t, filepath.Join(f.Dir, OfflineFile), "closed")
		becomes(t, "changed", changed, 1)
		becomes(t, "offline", offline, 1)
	})
	t.Run("BM-05_folder_replaced", func(t *testing.T) {
		t.Parallel()
		f, offline, _, _ := folderOf(t)
		f.CheckEvery = 10 * time.Millisecond
		defer f.Watch()()
		rename(t, f.Dir, f.Dir+".old")
		if err := os.Mkdir(f.Dir, 0o700); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(f.Dir, OfflineFile), "closed")
		becomes(t, "offline", offline, 1)
	})
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// requested sends a request to f, and returns when it is with f; the channel gets the status
// and the body of the answer.
func requested(t *testing.T, f *Folder) <-chan string {
	t.Helper()
	begun, answered := make(chan bool, 1), make(chan string, 1)
	address := startFront(t, frontKinds()[0], httpsys.HandlerFunc(func(x *httpsys.Exchange) {
		begun <- true
		f.ServeExchange(x)
	}))
	go func() {
		a, err := http.Get("http://" + address + "/")
		if err != nil {
			answered <- err.Error()
			return
		}
		defer a.Body.Close()
		body, err := io.ReadAll(a.Body)
		if err != nil {
			answered <- err.Error()
			return
		}
		answered <- fmt.Sprintf("%d %s", a.StatusCode, body)
	}()
	<-begun
	return answered
}

func TestOfflineFile(t *testing.T) {
	for _, name := range []string{OfflineFile, "App_Offline.htm", "APP_OFFLINE.HTM"} {
		t.Run("BM-01_"+name, func(t *testing.T) {
			t.Parallel()
			f, offline, online, _ := folderOf(t)
			defer f.Watch()()
			path := filepath.Join(f.Dir, name)
			put(t, path, "closed")
			becomes(t, "offline", offline, 1)
			pageOf(t, f, "closed")
			put(t, path, "still closed") // another page, and no second end of the app
			pageOf(t, f, "still closed")
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			becomes(t, "online", online, 1)
			if n := offline.Load(); n != 1 {
				t.Errorf("offline %d times", n)
			}
		})
	}
	t.Run("BM-01_huge", func(t *testing.T) {
		t.Parallel()
		f, _, _, _ := folderOf(t)
		path := filepath.Join(f.Dir, OfflineFile)
		put(t, path, strings.Repeat("x", 10))
		if err := os.Truncate(path, 6<<30); err != nil { // sparse
			t.Skip(err)
		}
		f.lookNow()
		if page := f.page.Load(); page == nil || len(page.body) != maxOfflinePage {
			t.Error("the page of 6 GiB is not cut to its bound")
		}
	})
	for name, make := range map[string]func(path string) error{
		"FIFO":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"device": func(path string) error { return os.Symlink("/dev/zero", path) },
	} {
		t.Run("BM-01_"+name, func(t *testing.T) {
			t.Parallel()
			f, offline, _, _ := folderOf(t)
			if err := make(filepath.Join(f.Dir, OfflineFile)); err != nil {
				t.Skip(err)
			}
			f.lookNow() // returns
			if f.page.Load() != nil || offline.Load() != 0 {
				t.Error("what is no regular file takes the app off line")
			}
			if page := readOffline(filepath.Join(f.Dir, OfflineFile)); page != nil { // it was one when it was found
				t.Errorf("read %d bytes of it", len(page))
			}
		})
	}
	t.Run("BM-01_first_request_waits_for_the_first_look", func(t *testing.T) {
		f, _, _, _ := folderOf(t)
		put(t, filepath.Join(f.Dir, OfflineFile), "closed")
		f.mu.Lock() // the watch looks, for the first time
		answered := requested(t, f)
		f.mu.Unlock()
		if got := <-answered; got != "503 closed" {
			t.Errorf("answered %q", got)
		}
	})
	t.Run("BM-01_requests_wait_for_the_page", func(t *testing.T) {
		f, _, _, _ := folderOf(t)
		f.lookNow()
		put(t, filepath.Join(f.Dir, OfflineFile), "closed")
		f.mu.Lock() // the watch has found the file, and has not read it
		found := f.lookLocked()
		f.next.Store(time.Now().Add(time.Hour).UnixNano())
		f.mu.Unlock()
		answered := requested(t, f)
		f.read(found)
		if got := <-answered; got != "503 closed" {
			t.Errorf("answered %q", got)
		}
	})
	t.Run("BM-01_a_page_that_is_not_read_is_not_waited_for_without_end", func(t *testing.T) {
		f, _, _, _ := folderOf(t)
		f.lookNow()
		put(t, filepath.Join(f.Dir, OfflineFile), "closed")
		f.mu.Lock()
		f.lookLocked()
		f.next.Store(time.Now().Add(time.Hour).UnixNano())
		f.mu.Unlock()
		if got := <-requested(t, f); got != "503 " {
			t.Errorf("answered %q", got)
		}
	})
	t.Run("BM-01_requests_do_not_wait_for_a_look", func(t *testing.T) {
		f, _, _, _ := folderOf(t)
		f.mu.Lock() // somebody looks, and the disk is slow
		defer f.mu.Unlock()
		f.look(time.Now().UnixNano()) // as a request does: returns
	})
}
