package hostile

import "slices"

// Request is what a client may send on a new connection, with the required outcome.
type Request struct {
	Name  string
	Input string
	// Want is the outcome, part by part with "; " between them: of each request that
	// is answered by the app what the app sees of it (method, target, host, body, and
	// its fields whose names begin with T), of one that is refused the status; then
	// "kept" if the connection answers one more request, else "closed".
	Want string
	// Except are the outcomes in some places, each with its reason. The first that fits
	// counts.
	Except []Exception
	// Todo says where the servers fail today, and why. A test fails when they no longer
	// do.
	Todo []Todo
}

// Exception is another outcome in some places.
type Exception struct {
	// Where are tags of a place, all of which it must have, with "+" between them:
	// a front (lean, nethttp, tls), a model (in-process, out-of-process, direct), or
	// a parser ("stdlib" is net/http's, in whatever server).
	Where, Want, Why string
}

// Todo is a place where a case fails today.
type Todo struct{ Where, Why string }

// Requests returns every Request. Their names differ.
func Requests() []Request {
	return slices.Concat(lineRequests(), versionRequests(), targetRequests(), hostRequests(), fieldRequests(),
		framingRequests(), chunkRequests(), trailerRequests(), connectionRequests(), expectRequests(), sizeRequests())
}

// Outcomes that many requests share.
const (
	plain   = `GET /p a ""; kept`
	posted  = `POST /p a "abc"; kept`
	bad     = "400; closed"
	unknown = "501; closed"
	version = "505; closed"
	tooBig  = "431; closed"
)

// Smuggled is a request that no server may ever see: it lies in the body of another
// request, or behind one that ends the connection.
const Smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

// line returns a request of one line, for the host a.
func line(l string) string { return l + "\r\nHost: a\r\n\r\n" }

// get returns a GET with these field lines beside Host.
func get(fields string) string { return "GET /p HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" }

// post returns a POST with these field lines beside Host, and what follows the head.
func post(fields, body string) string {
	return "POST /p HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body
}

// chunks returns a POST in chunks.
func chunks(body string) string { return post("Transfer-Encoding: chunked\r\n", body) }

// stdlib returns the outcome with net/http, in the front and in the app's own server.
func stdlib(want, why string) []Exception { return []Exception{{"stdlib", want, why}} }

// todo returns the one place where a case fails today.
func todo(where, why string) []Todo { return []Todo{{where, why}} }
