package loadgen

import (
	"errors"
	"fmt"

	"ancmbench"
)

// statuses is a set of status codes, one bit for each of three digits.
type statuses [16]uint64

func (s *statuses) add(from, to int) {
	for code := from; code <= to; code++ {
		s[code>>6] |= 1 << (code & 63)
	}
}

func (s *statuses) has(code int) bool {
	return code >= 0 && code < 64*len(s) && s[code>>6]&(1<<(code&63)) != 0
}

// Redirects reports whether an answer with that status sends the client elsewhere
// (RFC 9110 15.4). No engine follows it: the target is what the user named.
func Redirects(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}

// statusesOf returns the set of statuses that an Expect accepts.
func statusesOf(e ancmbench.Expect) (s statuses, err error) {
	if len(e.Statuses) > 0 {
		var faults []error
		for _, word := range e.Statuses {
			from, to, err := ancmbench.StatusRange(word)
			if err != nil {
				faults = append(faults, err)
				continue
			}
			s.add(from, to)
		}
		return s, errors.Join(faults...)
	}
	switch {
	case e.Status == 0:
		s.add(200, 299)
	case e.Status < 200 || e.Status > 599:
		return s, fmt.Errorf("expected status %d: must lie in 200 to 599", e.Status)
	default:
		s.add(e.Status, e.Status)
	}
	return s, nil
}
