package wire

import (
	"fmt"
	"strconv"

	"ancmbench"
	"ancmbench/loadgen"
)

// request is one request in its wire format, made once per run.
type request struct {
	bytes []byte
	// headOnly answers have no body; safe requests may be sent again.
	headOnly   bool
	idempotent bool
	closes     bool // it says that its connection ends with the answer
	// want and memo are those of the request's template.
	want *loadgen.Expectation
	memo *loadgen.Memo
}

// newRequests returns the requests of a target's workload, ready to be written.
func newRequests(t ancmbench.Target) ([]request, error) {
	prepared, err := loadgen.Prepare(t)
	if err != nil {
		return nil, fmt.Errorf("wire engine: %s: %w", t.Name, err)
	}
	memos := make([]loadgen.Memo, len(t.Workload.Requests))
	out := make([]request, len(prepared))
	for i, q := range prepared {
		out[i] = newRequest(loadgen.HostField(t), q.Request)
		out[i].want, out[i].memo = q.Want, &memos[q.Template]
	}
	return out, nil
}

// newRequest returns a request in the format of RFC 9112 3. It has a Content-Length if
// there is a body or the method gives a body a meaning (RFC 9110 8.6).
func newRequest(host string, r ancmbench.Request) request {
	method := r.Method
	if method == "" {
		method = "GET"
	}
	b := append([]byte(nil), method...)
	b = append(append(append(b, ' '), loadgen.EscapePath(r.Path)...), " HTTP/1.1\r\nHost: "...)
	b = append(append(b, host...), "\r\n"...)
	for _, f := range r.Header {
		b = append(append(append(append(b, f.Name...), ": "...), f.Value...), "\r\n"...)
	}
	if len(r.Body) > 0 || method == "POST" || method == "PUT" || method == "PATCH" {
		b = append(strconv.AppendInt(append(b, "Content-Length: "...), int64(len(r.Body)), 10), "\r\n"...)
	}
	b = append(append(b, "\r\n"...), r.Body...)
	return request{bytes: b, headOnly: method == "HEAD", idempotent: idempotent(method), closes: loadgen.Closes(r)}
}

// idempotent reports whether a request with the method may be sent again if its connection
// turns out to be dead (RFC 9110 9.2.2).
func idempotent(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE":
		return true
	}
	return false
}
