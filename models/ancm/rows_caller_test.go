//go:build unix

package ancm

import (
	"fmt"
	"testing"

	"ancmbench/models/httpsys"
	"ancmbench/models/internal/caller"
	"ancmbench/models/internal/caller/callertest"
)

func TestCallers(t *testing.T) {
	t.Run("WA-02_WA-03_number_of_the_handle", func(t *testing.T) { eachFront(t, testHandle) })
	t.Run("WA-02_no_request_without_its_caller", func(t *testing.T) { eachFront(t, testNoHandle) })
}

// channel is one to a process of the app, which is this one.
func channel(t *testing.T) (*caller.Sender, *caller.Receiver) {
	t.Helper()
	sender, receiver := callertest.Ends(t)
	served := make(chan error, 1)
	go func() { served <- receiver.Serve() }()
	t.Cleanup(func() {
		sender.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return sender, receiver
}

// as returns a front that takes the client at its word, for tests only.
func as(next httpsys.Handler) httpsys.Handler {
	return httpsys.HandlerFunc(func(x *httpsys.Exchange) {
		for i := range x.Fields {
			if string(x.Fields[i].Name) == "X-Test-User" {
				x.User, x.UserBy = string(x.Fields[i].Value), "Test"
			}
		}
		next.ServeExchange(x)
	})
}

const injected = "MS-ASPNETCORE-WINAUTHTOKEN: 1f4\r\n"

// The app gets a number that stands for the user, whatever the client sends. A
// descriptor that the app has not taken is closed when the request is over.
func testHandle(t *testing.T, kind string) {
	rec := startRecorder(t)
	sender, receiver := channel(t)
	rec.Backend.Callers = sender
	forwarder := &Forwarder{Backends: Fixed(rec.Backend)}
	during := make(chan string, 1)
	address := startFront(t, kind, as(httpsys.HandlerFunc(func(x *httpsys.Exchange) {
		forwarder.ServeExchange(x)
		during <- x.User
	})))
	for _, user := range []string{"", "anna", "", "bo"} {
		fields := injected
		if user != "" {
			fields += "X-Test-User: " + user + "\r\n"
		}
		sendRaw(t, address, "GET / HTTP/1.1\r\nHost: a\r\n"+fields+"\r\n")
		<-during
		got := values(<-rec.heads, "MS-ASPNETCORE-WINAUTHTOKEN")
		if user == "" {
			if got != nil {
				t.Errorf("nobody is %q", got)
			}
			continue
		}
		if len(got) != 1 || got[0] == "1f4" {
			t.Fatalf("%s is %q", user, got)
		}
		// The exchange is over, and the recorder has not taken it: the next message on
		// the channel comes after the release.
		p, err := sender.Pass(caller.Identity{Name: "x"}, passTimeout)
		if err != nil {
			t.Fatal(err)
		}
		if held := receiver.Held(); held != 1 {
			t.Errorf("%d held, want the last", held)
		}
		if who, ok := receiver.Take(string(p.Append(nil))); !ok || who.Name != "x" {
			t.Errorf("%v %v", who, ok)
		}
	}
}

func testNoHandle(t *testing.T, kind string) {
	rec := startRecorder(t)
	sender, receiver := channel(t)
	rec.Backend.Callers = sender
	receiver.Close()
	address := startFront(t, kind, as(&Forwarder{Backends: Fixed(rec.Backend)}))
	resp, _ := sendRaw(t, address, "GET / HTTP/1.1\r\nHost: a\r\nX-Test-User: anna\r\n\r\n")
	if got := fmt.Sprint(resp.StatusCode, " ", resp.Header.Get("X-Ancm-Error")); got != "502 502.3" {
		t.Errorf("%s, want 502.3", got)
	}
	sendRaw(t, address, "GET /nobody HTTP/1.1\r\nHost: a\r\n\r\n")
	if head := <-rec.heads; head[0] != "GET /nobody HTTP/1.1" {
		t.Errorf("the app got %q", head)
	}
}
