package iisintegration

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const token = "5c3e4ec2-1a0b-4a7e-9d56-1e5be4a3a1f0"

func request(method, target string, fields ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = "127.0.0.1:40000"
	r.Header[tokenField] = []string{token}
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		r.Header.Add(name, value)
	}
	return r
}

func TestOutOfProcess(t *testing.T) {
	t.Run("OP-11_token", testToken)
	t.Run("OP-12_right_most_entries", testForwarded)
	t.Run("OP-12_path_base", testPathBase)
	t.Run("OP-16_shutdown_event", testShutdown)
}

func testToken(t *testing.T) {
	reached := 0
	h := New(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }), Options{Token: token})
	cases := []struct {
		tokens []string
		status int
	}{
		{[]string{token}, 200},
		{nil, 400},
		{[]string{""}, 400},
		{[]string{"wrong"}, 400},
		{[]string{strings.ToUpper(token)}, 400},
		{[]string{token + "x"}, 400},
		{[]string{token + ", " + token}, 400},
		{[]string{token, token}, 400},
		{[]string{token, "wrong"}, 400},
	}
	for _, tc := range cases {
		reached = 0
		r := request("GET", "/")
		r.Header[tokenField] = tc.tokens
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tc.status || w.Body.Len() != 0 || (reached == 1) != (tc.status == 200) {
			t.Errorf("%q: status %d, %d bytes, the app reached %d times", tc.tokens, w.Code, w.Body.Len(), reached)
		}
	}
	if New(http.NotFoundHandler(), Options{}) == nil {
		t.Error("no middleware without a token")
	}
}

func testForwarded(t *testing.T) {
	cases := []struct {
		fields []string
		want   string // remote address, scheme, X-Forwarded-For, X-Original-For, X-Forwarded-Proto, X-Original-Proto
	}{
		{[]string{"X-Forwarded-For: 10.0.0.1:5", "X-Forwarded-Proto: https"},
			`10.0.0.1:5 https [] ["127.0.0.1:40000"] [] ["http"]`},
		{[]string{"X-Forwarded-For: evil, 10.9.9.9, 10.0.0.1:5", "X-Forwarded-Proto: gopher, HTTPS"},
			`10.0.0.1:5 https ["evil, 10.9.9.9"] ["127.0.0.1:40000"] ["gopher"] ["http"]`},
		{[]string{"X-Forwarded-For: 10.9.9.9", "X-Forwarded-For: [::1]:7"},
			`[::1]:7  ["10.9.9.9"] ["127.0.0.1:40000"] [] []`},
		{[]string{"X-Forwarded-For: 10.0.0.1"}, `10.0.0.1:0  [] ["127.0.0.1:40000"] [] []`},
		{[]string{"X-Forwarded-For: nonsense", "X-Forwarded-Proto: javascript"},
			`127.0.0.1:40000  ["nonsense"] [] ["javascript"] []`},
		{nil, `127.0.0.1:40000  [] [] [] []`},
	}
	for _, tc := range cases {
		got := ""
		h := New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = fmt.Sprintf("%s %s %q %q %q %q", r.RemoteAddr, r.URL.Scheme, r.Header[forField], r.Header[originalFor], r.Header[protoField], r.Header[originalProto])
			if v := r.Header[tokenField]; v != nil {
				t.Errorf("the app sees the token %q", v)
			}
		}), Options{Token: token})
		r := request("GET", "/", tc.fields...)
		r.URL.Scheme = ""
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got != tc.want {
			t.Errorf("%q:\n got %s\nwant %s", tc.fields, got, tc.want)
		}
	}
}

func testPathBase(t *testing.T) {
	cases := []struct{ base, target, want string }{
		{"", "/a/b", " /a/b "},
		{"/", "/a/b", " /a/b "},
		{"/app", "/app/b?c", "/app /b "},
		{"/app", "/APP/b", "/APP /b "},
		{"/app/", "/app", "/app  "},
		{"/app", "/apple", " /apple "},
		{"/app", "/other", " /other "},
		{"/app", "/app/a%2Fb", "/app /a/b /a%2Fb"},
		{"/app", "/%61pp/a%2Fb", "/app /a/b /a%2Fb"},
	}
	for _, tc := range cases {
		got := ""
		h := New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = fmt.Sprintf("%s %s %s", PathBase(r.Context()), r.URL.Path, r.URL.RawPath)
		}), Options{Token: token, PathBase: tc.base})
		h.ServeHTTP(httptest.NewRecorder(), request("GET", tc.target))
		if got != tc.want {
			t.Errorf("base %q, target %q: %q, want %q", tc.base, tc.target, got, tc.want)
		}
	}
}

func testShutdown(t *testing.T) {
	cases := []struct {
		method, target, event string
		status, asked         int
	}{
		{"POST", "/iisintegration", "shutdown", 202, 1},
		{"POST", "/iisintegration", "Shutdown", 202, 1},
		{"POST", "/iisintegration", "dance", 400, 0},
		{"GET", "/iisintegration", "shutdown", 404, 0},
		{"POST", "/iisintegration", "", 404, 0},
		{"POST", "/other", "shutdown", 404, 0},
	}
	for _, tc := range cases {
		asked := 0
		h := New(http.NotFoundHandler(), Options{Token: token, Shutdown: func() { asked++ }})
		r := request(tc.method, tc.target)
		if tc.event != "" {
			r.Header.Set("MS-ASPNETCORE-EVENT", tc.event)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tc.status || asked != tc.asked {
			t.Errorf("%s %s %q: status %d, asked %d times", tc.method, tc.target, tc.event, w.Code, asked)
		}
	}
	asked := 0
	h := New(http.NotFoundHandler(), Options{Token: token, PathBase: "/app", Shutdown: func() { asked++ }})
	r := request("POST", "/app/iisintegration", "MS-ASPNETCORE-EVENT: shutdown")
	h.ServeHTTP(httptest.NewRecorder(), r)
	r = request("POST", "/app/iisintegration", "MS-ASPNETCORE-EVENT: shutdown")
	r.Header[tokenField] = []string{"wrong"}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if asked != 1 || w.Code != 400 {
		t.Errorf("under a path base: asked %d times, a stranger got %d", asked, w.Code)
	}
}
