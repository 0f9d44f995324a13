package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"

	"ancmbench"
	"ancmbench/profiles"
)

// --json of a profile has everything but the long bodies, of which it has length and hash.
func TestJSONOfProfilesHasNoLongBodies(t *testing.T) {
	for _, line := range []string{"profiles --json", "profiles curve --json"} {
		out, err := printed(t, line)
		if err != nil {
			t.Fatal(err)
		}
		if len(out) > 200_000 {
			t.Errorf("%s prints %d bytes", line, len(out))
		}
		if out[0] == '{' {
			out = append(append([]byte("["), out...), ']')
		}
		var list []struct {
			Name      string
			Workloads []struct {
				Requests []struct {
					Body       []byte
					BodyBytes  int    `json:"body_bytes"`
					BodySHA256 string `json:"body_sha256"`
				}
			}
		}
		var plain []ancmbench.Profile
		if err := json.Unmarshal(out, &list); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out, &plain); err != nil {
			t.Fatalf("%s is no longer a list of profiles: %v", line, err)
		}
		long := 0
		for i, p := range list {
			source, err := profiles.Load(p.Name)
			if err != nil {
				t.Fatal(err)
			}
			if len(plain[i].Phases) != len(source.Phases) || len(p.Workloads) != len(source.Workloads) {
				t.Errorf("%s: %s has %d phases and %d workloads", line, p.Name, len(plain[i].Phases), len(p.Workloads))
				continue
			}
			for w, of := range source.Workloads {
				for k, r := range of.Requests {
					got := p.Workloads[w].Requests[k]
					if len(r.Body) <= mostBodyShown {
						if !bytes.Equal(got.Body, r.Body) || got.BodyBytes != 0 || got.BodySHA256 != "" {
							t.Errorf("%s: a short body of %s is %+v", line, p.Name, got)
						}
						continue
					}
					long++
					sum := sha256.Sum256(r.Body)
					if got.Body != nil || got.BodyBytes != len(r.Body) || got.BodySHA256 != hex.EncodeToString(sum[:]) {
						t.Errorf("%s: a body of %d bytes of %s is given as %d bytes, %d, %s", line, len(r.Body), p.Name, len(got.Body), got.BodyBytes, got.BodySHA256)
					}
				}
			}
		}
		if long == 0 {
			t.Errorf("%s: no profile has a long body, and nothing was tested", line)
		}
	}
}
