//go:build unix && !race

// Without the race detector only: what is tested here runs in other processes, most of which
// are waited for until their time is over.

package dotnet_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/ancm/clr"
	"ancmbench/models/ancm/eventlog"
	"ancmbench/models/dotnet"
)

// publishShapes is the folder of the published shapes, built once for all tests.
var publishShapes = sync.OnceValues(func() (string, error) {
	sdk, err := dotnet.Find()
	if err != nil {
		return "", noSDK{err}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	return sdk.PublishShapes(ctx)
})

// shapeCase is an app of one shape, and how it ends under each model: out and in are what
// the sentence about the app says, and "" if it answers.
type shapeCase struct {
	name    string
	out, in string
}

const (
	elsewhere  = " instead; requests get 502.5"
	endedEarly = "the app could not be started: it ended before it listened on port "
)

// The ten shapes, and apps that end badly. What Microsoft's IIS Integration tells the app to
// listen on wins over UseUrls and Kestrel's options, in the order in which an app says them.
var shapeCases = []shapeCase{
	{"builder", "", ""},
	{"slim", elsewhere, ""}, // has no IIS Integration
	{"empty", elsewhere, ""},
	{"generic-host", "", ""},
	{"old-host", "", ""},
	{"use-urls", elsewhere, ""},
	{"urls-add", elsewhere, "unhandled exception: System.NotSupportedException: Collection was of a fixed size."},
	{"run-url", elsewhere, "unhandled exception: System.InvalidOperationException: Changing the URL is not supported because Addresses IsReadOnly."},
	{"two-hosts", "(unhandled exception: System.IO.IOException: Failed to bind to address", "the app starts a second web server in this process, and in-process there can be one"},
	{"no-server", "(unhandled exception: System.InvalidOperationException: No service for type 'Microsoft.AspNetCore.Hosting.Server.IServer' has been registered.); requests get 502.5",
		"unhandled exception: System.InvalidOperationException: No service for type 'Microsoft.AspNetCore.Hosting.Server.IServer' has been registered."},

	{"throws", "(unhandled exception: System.InvalidOperationException: the connection string is missing); requests get 502.5",
		"unhandled exception: System.InvalidOperationException: the connection string is missing"},
	{"throws-late", "(unhandled exception: System.InvalidOperationException: the cache is not reachable); requests get 502.5",
		"unhandled exception: System.InvalidOperationException: the cache is not reachable"},
	{"ends", endedEarly, "the app's Main has returned 0 before its server was ready"},
	{"ends-7", "exit status 7; requests get 502.5", "the app's Main has returned 7 before its server was ready"},
	{"never-serves", "within startupTimeLimit, 10s; requests get 502.5", "the app was not ready within its startupTimeLimit of 10s"},
	{"own-address", "", ""},
}

// Every shape of app runs, or is refused with a sentence that says why. They start at the same
// time, since some of them are waited for until their time is over.
func TestShapes(t *testing.T) {
	dir, err := publishShapes()
	if lacks := (noSDK{}); errors.As(err, &lacks) {
		t.Skip(lacks)
	} else if err != nil {
		t.Fatal(err)
	}
	hosting := []ancmbench.Model{ancmbench.OutOfProcess}
	if err := clr.Available(); err == nil {
		hosting = append(hosting, ancmbench.InProcess)
	} else {
		t.Logf("in-process is left out: %v", err)
	}
	var all sync.WaitGroup
	slots := make(chan struct{}, 4)
	for _, c := range shapeCases {
		for _, model := range hosting {
			all.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				testShape(t, dir, c, model)
			})
		}
	}
	all.Wait()
}

// testShape asks an app of a shape once, and for the sentence about it if it does not answer.
func testShape(t *testing.T, dir string, c shapeCase, model ancmbench.Model) {
	want := map[ancmbench.Model]string{ancmbench.OutOfProcess: c.out, ancmbench.InProcess: c.in}[model]
	limit := "60"
	if want == elsewhere || c.name == "never-serves" {
		limit = "10" // it is waited for until then
	}
	faults := make(chan models.Event, 100)
	s, err := models.Start(t.Context(), models.Options{Model: model,
		WebConfig: copied(t, dir, `.\shapes.dll`, `.\shapes.dll `+c.name, `stdoutLogEnabled="false"`, `stdoutLogEnabled="false" startupTimeLimit="`+limit+`"`),
		Env:       []string{"ASPNETCORE_URLS=http://127.0.0.1:0", "Logging__LogLevel__Default=Warning"}, // not the usual port, which others may have
		Report: func(e models.Event) {
			if e.Fault() {
				faults <- e
			}
		}})
	if err != nil {
		t.Errorf("%s, %s: %v", c.name, model, err)
		return
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Errorf("%s, %s: Stop: %v", c.name, model, err)
		}
	}()
	status, body, askErr := ask(s.Address())
	if want == "" {
		if status != http.StatusOK || body != c.name {
			t.Errorf("%s, %s: %d %.100q %v\n%s", c.name, model, status, body, askErr, s.LogTail())
		}
		return
	}
	if status == http.StatusOK && c.name != "two-hosts" { // its first host may answer before the second is refused
		t.Errorf("%s, %s: answers %q, and should be refused", c.name, model, body)
	}
	var said []string
	for end := time.After(time.Minute); ; {
		select {
		case e := <-faults:
			said = append(said, string(e.Kind)+": "+e.Text)
			first, _, _ := strings.Cut(e.Text, "\n")
			if strings.Contains(e.Text, want) && (strings.Contains(first, want) || model == ancmbench.InProcess) {
				if kind := e.Kind; c.name != "two-hosts" && kind != eventlog.AppNotStarted {
					t.Errorf("%s, %s: reported as %s", c.name, model, kind)
				}
				return
			}
		case <-time.After(100 * time.Millisecond):
			// An app that takes its worker with it says why in the worker's log.
			if model == ancmbench.InProcess && strings.Contains(s.LogTail(), want) {
				return
			}
		case <-end:
			t.Errorf("%s, %s: nothing says %q:\n%s\nlog:\n%s", c.name, model, want, cmp.Or(strings.Join(said, "\n"), "no fault"), s.LogTail())
			return
		}
	}
}

// ask asks an app for its name.
func ask(address string) (status int, body string, err error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 2 * time.Minute}
	resp, err := client.Get("http://" + address + "/plaintext")
	if err != nil {
		return 0, "", err // a worker that died under it
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}
