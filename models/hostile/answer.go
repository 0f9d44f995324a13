package hostile

import "slices"

// Answer is what a backend may do when the forwarder sends it a request, and what the
// client must get. The next clients must get their own answers in any case.
type Answer struct {
	Name string
	// Method of the request; empty is GET. Body is its body, sent with a length.
	Method, Body string
	// Bytes are sent when the request has arrived; if Early, when its head has arrived
	// and the client has not sent all of its body.
	Bytes string
	Early bool
	// End is what the backend does to the connection afterwards: at once if AtOnce,
	// else when the client has its answer. Behind is sent before End, when the client
	// has its answer.
	End    End
	AtOnce bool
	Behind string
	// Next is sent before the answer to the next request on this connection.
	Next string
	// Reused says that another client's request was answered on the connection before.
	Reused bool
	// Again is sent when the request comes a second time, on another connection. Empty
	// means that it must not come, and "-" that this connection ends like the first.
	Again string
	// Want is what the client must get: status and body, and those fields whose names
	// begin with T, MS- or X-Ancm; or 502; or "cut off" if the client can see that the
	// answer is incomplete.
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

// Answers returns every Answer. Their names differ.
func Answers() []Answer {
	return slices.Concat(statusAnswers(), fieldAnswers(), framingAnswers(), bodyAnswers(), interimAnswers(), endAnswers(), reusedAnswers())
}

const (
	gateway = "502"
	cut     = "cut off"
	abc     = `200 "abc"`
	head200 = "HTTP/1.1 200 OK\r\n"
	whole   = head200 + "Content-Length: 3\r\n\r\nabc"
	// stray is an unsolicited answer.
	stray = head200 + "Content-Length: 5\r\n\r\nstray"
)

// with returns a complete answer with these field lines.
func with(fields string) string { return head200 + "Content-Length: 3\r\n" + fields + "\r\nabc" }

// inChunks returns an answer in chunks; body holds the chunks.
func inChunks(body string) string { return head200 + "Transfer-Encoding: chunked\r\n\r\n" + body }
