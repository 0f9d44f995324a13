//go:build unix

package dotnet_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/peers"
)

// difference is something that ASP.NET Core does otherwise than the Go app. One that
// is no longer seen is a fault.
type difference struct {
	request string // the beginning of a request's name, see comparison
	// what is "all" (goSays and csSays are the statuses, and nothing else is alike),
	// "status", "body", "trailers", the name of a field, or "app sees" and the name of
	// a field of the request.
	what           string
	goSays, csSays string
	why            string
}

var differences = []difference{
	{"", "Server", "", "Kestrel", "Kestrel names itself"},
	{"echo with a trailer", "trailers", "map[X-Sum:[sum]]", "map[]", "over HTTP/1.1 ASP.NET Core sends no trailers"},
	{"whoami", "app sees Ms-Aspnetcore-Token", "", "...", "Microsoft's middleware leaves it, ours takes it away"},
	{"whoami in chunks", "app sees Transfer-Encoding", "", "chunked", "net/http takes it out of the fields"},
	{"two slashes", "all", "307", "404", "net/http sends clients to the shortest form of a path, ASP.NET Core takes it as it is"},
	{"dots", "all", "307", "200", "net/http sends clients to the shortest form of a path, Kestrel resolves it"},
}

// directDifferences are those of Kestrel alone, which has no front to name the model.
var directDifferences = []difference{
	{"", "Server", "", "Kestrel", "Kestrel names itself"},
	{"", ancmbench.ModelHeader, "direct", "", "the Go app's own server names the model"},
	{"", "presence of X-Ancm-Front-Pid", "1", "0", "and the process"},
	{"ws ", "Connection", "", "keep-alive, Upgrade", "net/http sends no Connection where it may stay open"},
	{"echo with a trailer", "trailers", "map[X-Sum:[sum]]", "map[]", "over HTTP/1.1 ASP.NET Core sends no trailers"},
	{"whoami in chunks", "app sees Transfer-Encoding", "", "chunked", "net/http takes it out of the fields"},
	{"two slashes", "all", "307", "404", "net/http sends clients to the shortest form of a path, ASP.NET Core takes it as it is"},
	{"dots", "all", "307", "200", "net/http sends clients to the shortest form of a path, Kestrel resolves it"},
}

// table is a list of differences, and which of them were seen.
type table struct {
	list []difference
	seen map[int]bool
}

// named reports whether a difference is in the table, and that it was seen.
func (d table) named(request, what, goSays, csSays string) bool {
	for i, one := range d.list {
		if strings.HasPrefix(request, one.request) && one.what == what && one.goSays == goSays && one.csSays == csSays {
			d.seen[i] = true
			return true
		}
	}
	return false
}

// asked is a request of the comparison.
type asked struct {
	name, method, path string
	fields             []string // name and value in turn
	body               string
	chunked            bool
	trailer            string // value of X-Sum behind a chunked body
}

func comparison() []asked {
	long := strings.Repeat("the quick brown fox ", 20_000)
	out := []asked{
		{name: "echo", method: "POST", path: "/echo", body: "hello", fields: []string{"Content-Type", "text/x-hello"}},
		{name: "echo of nothing", method: "POST", path: "/echo"},
		{name: "echo by GET", method: "GET", path: "/echo"},
		{name: "echo of 400 kB", method: "PUT", path: "/echo", body: long},
		{name: "echo in chunks", method: "POST", path: "/echo", body: long, chunked: true},
		{name: "echo with a trailer", method: "POST", path: "/echo", body: "hello", chunked: true, trailer: "sum"},
		{name: "sink", method: "POST", path: "/sink", body: long},
		{name: "sink in chunks", method: "POST", path: "/sink", body: long, chunked: true},
		{name: "sink of nothing", method: "GET", path: "/sink"},
		{name: "whoami", method: "GET", path: "/whoami?a=%3Cb%3E&c", fields: []string{"x-odd-CASE", "1", "X-Odd-Case", "2", "X-Quote", `<&>"\`}},
		{name: "whoami with a body", method: "POST", path: "/whoami", body: "hello"},
		{name: "whoami in chunks", method: "POST", path: "/whoami", body: "hello", chunked: true},
		{name: "whoami, encoded", method: "GET", path: "/%77hoami"},
		{name: "ws without upgrade", method: "GET", path: "/ws"},
		{name: "ws by POST", method: "POST", path: "/ws", body: "hello"},
		{name: "parameter encoded", method: "GET", path: "/bytes/%31%32"},
		{name: "wrong case", method: "GET", path: "/Plaintext"},
		{name: "two slashes", method: "GET", path: "//plaintext"},
		{name: "dots", method: "GET", path: "/a/../plaintext"},
	}
	for _, path := range []string{"/plaintext", "/json", "/bytes/0", "/bytes/1", "/bytes/9000", "/bytes/300000", "/busy/0", "/busy/200", "/sleep/0", "/sleep/1500", "/stream/0", "/stream/3",
		"/bytes/67108865", "/bytes/-1", "/bytes/+7", "/bytes/007", "/bytes/x", "/bytes/1_0", "/bytes/99999999999999999999", "/bytes/1.5", "/bytes/%20", "/bytes/1%2F2",
		"/busy/60000001", "/sleep/60000001", "/stream/100001", "/stream/",
		"/", "/none", "/bytes", "/bytes/", "/bytes/1/", "/plaintext/", "/whoami/x"} {
		out = append(out, asked{name: path, method: "GET", path: path})
	}
	for _, path := range []string{"/plaintext", "/bytes/9000", "/stream/3", "/none", "/bytes/x"} {
		out = append(out, asked{name: "HEAD " + path, method: "HEAD", path: path}, asked{name: "POST " + path, method: "POST", path: path, body: "unread"},
			asked{name: "OPTIONS " + path, method: "OPTIONS", path: path})
	}
	return out
}

func (a asked) to(t *testing.T, c *http.Client, base string) answer {
	t.Helper()
	var body io.Reader
	if a.body != "" {
		body = strings.NewReader(a.body)
	}
	if a.chunked {
		body = io.NopCloser(body) // of a length that net/http does not know
	}
	r, err := http.NewRequestWithContext(t.Context(), a.method, base+a.path, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(a.fields); i += 2 {
		r.Header[a.fields[i]] = append(r.Header[a.fields[i]], a.fields[i+1])
	}
	if a.trailer != "" {
		r.Trailer = http.Header{"X-Sum": {a.trailer}}
	}
	return send(t, c, r)
}

// The C# app answers what the Go app answers, both hosted in the same way, but for what the
// table of that way names. TestInProcessSameAsTheGoApp does it in-process.
func TestSameAsTheGoApp(t *testing.T) {
	t.Run("out-of-process_ASP.NET", func(t *testing.T) { sameAsTheGoApp(t, ancmbench.OutOfProcess, differences) })
	t.Run("direct_ASP.NET", func(t *testing.T) { sameAsTheGoApp(t, ancmbench.Direct, directDifferences) })
}

func sameAsTheGoApp(t *testing.T, model ancmbench.Model, list []difference, env ...string) {
	t.Parallel()
	cs := hosted(t, model, env)
	ours := site(t, models.Options{Model: model, Front: "lean"})
	d := table{list, map[int]bool{}}
	asks := client(t, nil)
	for _, a := range comparison() {
		want, got := a.to(t, asks, "http://"+ours.Address()), a.to(t, asks, "http://"+cs)
		compare(t, d, a.name, want, got)
	}
	t.Run("ws", func(t *testing.T) { compareSockets(t, ours.Address(), cs) })
	for i, one := range d.list {
		if !d.seen[i] {
			t.Errorf("%s: %s differs no longer: take it out of the table", one.request, one.what)
		}
	}
}

// hosted returns the address of the C# app, hosted in a model; Kestrel alone for direct.
func hosted(t *testing.T, model ancmbench.Model, env []string) string {
	t.Helper()
	config := published(t, variables("Logging__LogLevel__Default", "Warning")...)
	if model != ancmbench.Direct {
		return site(t, models.Options{Model: model, WebConfig: config, Front: "lean", Env: env}).Address()
	}
	s, err := peers.Command{Name: "kestrel", Args: []string{"dotnet", "app.dll"}, Dir: filepath.Dir(config), Env: []string{"Logging__LogLevel__Default=Warning"}}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Errorf("Stop: %v", err)
		}
	})
	return s.Address()
}

func compare(t *testing.T, d table, name string, want, got answer) {
	t.Helper()
	fault := func(what, goSays, csSays string) {
		if goSays != csSays && !d.named(name, what, goSays, csSays) {
			t.Errorf("%s: %s is\n%.300q from C#, want\n%.300q", name, what, csSays, goSays)
		}
	}
	goStatus, csStatus := strconv.Itoa(want.status), strconv.Itoa(got.status)
	if goStatus != csStatus && d.named(name, "all", goStatus, csStatus) {
		return
	}
	fault("status", goStatus, csStatus)
	goBody, csBody := want.body, got.body
	ofProcess := []string{"Date", "X-Ancm-App-Pid", "X-Ancm-Front-Pid"}
	if strings.HasPrefix(name, "whoami") {
		ofProcess = append(ofProcess, "Content-Length") // numbers of processes and ports have no set length
		goBody, csBody = alike(goBody), alike(csBody)
		goFields, csFields := fieldsSeen(goBody), fieldsSeen(csBody)
		both := maps.Clone(goFields)
		maps.Copy(both, csFields)
		for field := range both {
			if goFields[field] == csFields[field] {
				continue
			}
			fault("app sees "+field, value(goFields[field]), value(csFields[field]))
			for _, body := range []*string{&goBody, &csBody} { // it has been said
				*body = strings.Replace(*body, fieldsSeen(*body)[field], "", 1)
			}
		}
	}
	fault("body", goBody, csBody)
	fault("trailers", fmt.Sprint(want.trailer), fmt.Sprint(got.trailer))
	names := maps.Clone(want.header)
	maps.Copy(names, got.header)
	for field := range names {
		if slices.Contains(ofProcess, field) {
			fault("presence of "+field, strconv.Itoa(len(want.header[field])), strconv.Itoa(len(got.header[field])))
			continue
		}
		fault(field, strings.Join(want.header[field], "|"), strings.Join(got.header[field], "|"))
	}
}

// What differs between two processes, and between two connections, by nature.
var byNature = regexp.MustCompile(`"pid": \d+|127\.0\.0\.1:\d+|[0-9a-f]{8}-[0-9a-f-]{27}`)

func alike(body string) string { return byNature.ReplaceAllString(body, "...") }

var fieldSeen = regexp.MustCompile(`(?m)^    "([^"]+)": \[\n((?:      .*\n)+)    \],?\n`)

// fieldsSeen returns the lines of each field in an answer of /whoami.
func fieldsSeen(body string) map[string]string {
	out := map[string]string{}
	for _, m := range fieldSeen.FindAllStringSubmatch(body, -1) {
		out[m[1]] = m[0]
	}
	return out
}

// value returns that of such lines.
func value(lines string) string {
	if m := fieldSeen.FindStringSubmatch(lines); m != nil {
		return strings.Trim(strings.TrimSpace(m[2]), `"`)
	}
	return ""
}
