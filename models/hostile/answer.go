package hostile

import "slices"

// Answer is what a backend may do when the forwarder sends it a request, and what the
// client must get of it. Whatever it is, the next clients must get answers of their own.
type Answer struct {
	Name string
	// Method of the request; empty is GET. Body is its body, sent with a length.
	Method, Body string
	// Bytes are sent once the request is there: as soon as its head is, if Early, when
	// the client has not sent all of its body.
	Bytes string
	Early bool
	// End is what the backend does to the connection then; AtOnce, or once the client
	// has its answer. Behind is sent before that, also once the client has its answer.
	End    End
	AtOnce bool
	Behind string
	// Next is sent in front of the answer to the next request on this connection.
	Next string
	// Reused says that another client's request was answered on the connection before.
	Reused bool
	// Again is sent when the request comes a second time, on another connection; empty
	// is that it must not come, and "-" that this connection ends like the first.
	Again string
	// Want is what the client gets: status and body, and what of fields whose names
	// begin with T, MS- or X-Ancm reaches it; or 502; or "cut off" if it can see that
	// the answer is not whole.
	Want string
	// Todo says why today's forwarder fails.
	Todo string
}

// End is how a backend leaves a connection.
type End int

// The ends.
const (
	Stays End = iota
	Closes
	Resets
)

// Answers are all of them. Their names differ.
func Answers() []Answer {
	return slices.Concat(statusAnswers(), fieldAnswers(), framingAnswers(), bodyAnswers(), interimAnswers(), endAnswers(), reusedAnswers())
}

const (
	gateway = "502"
	cut     = "cut off"
	abc     = `200 "abc"`
	head200 = "HTTP/1.1 200 OK\r\n"
	whole   = head200 + "Content-Length: 3\r\n\r\nabc"
	// stray is an answer that nobody has asked for.
	stray = head200 + "Content-Length: 5\r\n\r\nstray"
)

// with returns a whole answer with these field lines.
func with(fields string) string { return head200 + "Content-Length: 3\r\n" + fields + "\r\nabc" }

// inChunks returns an answer in chunks, with the body as it stands.
func inChunks(body string) string { return head200 + "Transfer-Encoding: chunked\r\n\r\n" + body }
