package ancmbench

import (
	"slices"
	"strings"
)

// Workload is what one target is asked: one request, or a weighted mix of several.
type Workload struct {
	// Name is unique within a profile.
	Name string `json:"name"`
	// Requests has at least one element. The choice of the nth request is a pure
	// function of n and the seed of the Load's Arrivals.
	Requests []Request `json:"requests"`
	// Vars are the values of the requests' variables; nil if they have none.
	Vars *Vars `json:"vars,omitempty"`
}

// Request is one HTTP request as it is written to the wire.
type Request struct {
	// Method is upper case; empty means GET.
	Method string `json:"method,omitempty"`
	// Path is the request target in origin form, path and query (RFC 9112 3.2.1).
	Path string `json:"path"`
	// Header holds further fields in the order in which they are sent. Host comes from
	// the Target and Content-Length from the Body.
	Header []Field `json:"header,omitempty"`
	Body   []byte  `json:"body,omitempty"`
	// Weight is this request's share of the mix; zero means 1.
	Weight float64 `json:"weight,omitempty"`
	// Expect replaces those parts of the Target's Expect that it sets; nil replaces
	// none.
	Expect *Expect `json:"expect,omitempty"`
}

// Field is one header field line.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Target is one server under load, and what a right answer from it looks like.
type Target struct {
	// Name is what reports call it: "in-process", "behind nginx".
	Name string `json:"name"`
	// Scheme is "http" or "https"; empty means http.
	Scheme string `json:"scheme,omitempty"`
	// Protocol is "http/1.1", "h2" or "h2c"; empty means http/1.1.
	Protocol string `json:"protocol,omitempty"`
	// Network is "tcp" or "unix"; empty means tcp.
	Network string `json:"network,omitempty"`
	// Address is host:port, or the path of the socket.
	Address string `json:"address"`
	// Host is the Host field; empty means Address.
	Host string `json:"host,omitempty"`
	// Roots are the trusted root certificates for https, in PEM; empty means the
	// system's roots.
	Roots []byte `json:"roots_pem,omitempty"`
	// Insecure accepts any certificate of an https server.
	Insecure bool     `json:"insecure,omitempty"`
	Workload Workload `json:"workload"`
	Expect   Expect   `json:"expect"`
	// TwinOf names the target that this one is an identical copy of; empty if it is
	// not a copy. The difference between the two is the instrument's own noise (A/A).
	TwinOf string `json:"twin_of,omitempty"`
}

// Expect says what a right answer looks like. An answer that differs is
// counted in Outcomes under the kind of its first difference.
type Expect struct {
	// Status is the right status; zero means any 2xx.
	Status int `json:"status,omitempty"`
	// Statuses replaces Status by several, each a status ("304") or a class ("2xx").
	Statuses []string `json:"statuses,omitempty"`
	// BodySHA256 is the hash of the right body in lower-case hex; empty means any.
	BodySHA256 string `json:"body_sha256,omitempty"`
	// BodyContains is a text that the right body contains; empty means any.
	BodyContains string `json:"body_contains,omitempty"`
	// BodyBytes is the right length of the body; nil means any.
	BodyBytes *int64 `json:"body_bytes,omitempty"`
	// Header holds fields that must be present with these values. A missing or wrong
	// X-Ancm-Model is counted as WrongModel, any other field as WrongAnswer.
	Header []Field `json:"header,omitempty"`
}

// With returns e with those parts of other that are set; a nil other sets none. Header
// fields are added to those of e.
func (e Expect) With(other *Expect) Expect {
	if other == nil {
		return e
	}
	if other.Status != 0 || len(other.Statuses) > 0 {
		e.Status, e.Statuses = other.Status, other.Statuses
	}
	if other.BodySHA256 != "" {
		e.BodySHA256 = other.BodySHA256
	}
	if other.BodyContains != "" {
		e.BodyContains = other.BodyContains
	}
	if other.BodyBytes != nil {
		e.BodyBytes = other.BodyBytes
	}
	e.Header = slices.Concat(e.Header, other.Header)
	return e
}

// GRPC reports whether the field says that the body is gRPC's.
func (f Field) GRPC() bool {
	return strings.EqualFold(f.Name, "Content-Type") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(f.Value)), "application/grpc")
}

// GRPCUnsupported says why gRPC cannot be measured.
const GRPCUnsupported = "gRPC is not supported: a call ends with trailers in HTTP/2 that say whether it failed, and these are not read; measure an HTTP endpoint of the same server"

// ModelHeader is the response field in which every bundled model names itself, so that
// Expect detects an answer from the wrong model.
const ModelHeader = "X-Ancm-Model"

// ErrorHeader is the response field in which a bundled model gives the status and
// sub-status of its own failures: "502.5".
const ErrorHeader = "X-Ancm-Error"
