package main

import (
	"crypto/sha256"
	"encoding/hex"

	"ancmbench"
)

// mostBodyShown is the length up to which --json prints the body of a request. A longer one,
// such as the mebibyte that the profile curve uploads, would bury everything else.
const mostBodyShown = 1 << 10

// listedProfile is a profile as profiles --json prints it: a long body of a request is
// replaced by its length and its hash.
type listedProfile struct {
	ancmbench.Profile
	Workloads []listedWorkload `json:"workloads"`
}

type listedWorkload struct {
	ancmbench.Workload
	Requests []listedRequest `json:"requests"`
}

type listedRequest struct {
	ancmbench.Request
	Body       []byte `json:"body,omitempty"`        // absent if it is long
	BodyBytes  int    `json:"body_bytes,omitempty"`  // the length of a long body
	BodySHA256 string `json:"body_sha256,omitempty"` // the hash of a long body, in hexadecimal
}

// withShortBodies returns p as --json prints it.
func withShortBodies(p ancmbench.Profile) listedProfile {
	out := listedProfile{Profile: p, Workloads: make([]listedWorkload, len(p.Workloads))}
	for i, w := range p.Workloads {
		out.Workloads[i] = listedWorkload{Workload: w, Requests: make([]listedRequest, len(w.Requests))}
		for k, r := range w.Requests {
			of := listedRequest{Request: r, Body: r.Body}
			if len(r.Body) > mostBodyShown {
				sum := sha256.Sum256(r.Body)
				of.Body, of.BodyBytes, of.BodySHA256 = nil, len(r.Body), hex.EncodeToString(sum[:])
			}
			out.Workloads[i].Requests[k] = of
		}
	}
	return out
}
