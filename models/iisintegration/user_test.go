//go:build unix

package iisintegration

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"ancmbench/models/internal/caller"
	"ancmbench/models/internal/caller/callertest"
)

func TestWindowsAuthentication(t *testing.T) {
	t.Run("WA-02_handle_is_taken_or_refused", testHandle)
}

// A number that the module has passed is somebody, once; any other is refused,
// and an app that was given no channel knows nobody.
func testHandle(t *testing.T) {
	sender, receiver := callertest.Ends(t)
	served := make(chan error, 1)
	go func() { served <- receiver.Serve() }()
	handle := func() string {
		p, err := sender.Pass(caller.Identity{Name: "anna", AuthenticationType: "Basic"}, 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		return string(p.Append(nil))
	}
	one, spare := handle(), handle()
	for _, tc := range []struct {
		name    string
		fields  []string
		callers *caller.Receiver
		status  int
		user    string
	}{
		{"nobody", nil, receiver, 200, ""},
		{"passed", []string{one}, receiver, 200, "anna"},
		{"passed and taken", []string{one}, receiver, 400, ""},
		{"one that means something else", []string{"1"}, receiver, 400, ""},
		{"no number", []string{""}, receiver, 400, ""},
		{"two", []string{spare, spare}, receiver, 400, ""},
		{"no channel", []string{spare}, nil, 200, ""},
	} {
		user := ""
		h := New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if who, ok := User(r.Context()); ok {
				user = who.Name
			}
			if v := r.Header[winAuthField]; v != nil {
				t.Errorf("%s: the app sees %q", tc.name, v)
			}
		}), Options{Token: token, Callers: tc.callers})
		r := request("GET", "/")
		for _, f := range tc.fields {
			r.Header.Add(winAuthField, f)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tc.status || user != tc.user {
			t.Errorf("%s: %d as %q, want %d as %q", tc.name, w.Code, user, tc.status, tc.user)
		}
	}
	// Who does not know the pairing token does not get as far as that.
	w := httptest.NewRecorder()
	r := request("GET", "/")
	r.Header[tokenField], r.Header[winAuthField] = []string{"wrong"}, []string{spare}
	New(http.NotFoundHandler(), Options{Token: token, Callers: receiver}).ServeHTTP(w, r)
	if w.Code != 400 || receiver.Held() != 1 {
		t.Errorf("a stranger got %d, %d held", w.Code, receiver.Held())
	}
	sender.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
