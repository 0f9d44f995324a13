package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ancmbench"
)

// parseSeconds reads a duration above 0 and up to most; a bare number is seconds, as in
// wrk.
func parseSeconds(flag, s string, most time.Duration) (time.Duration, error) {
	text := s
	if _, err := finite(s); err == nil {
		text += "s"
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > most {
		return 0, fmt.Errorf("%s %s: want a duration above 0 and up to %v, as 10s", flag, s, most)
	}
	return d, nil
}

// parseCount reads a whole number above 0 and up to most, with k for thousands.
func parseCount(flag, s string, most int64) (int64, error) {
	v, err := scaled(s)
	if err != nil || v < 1 || v > float64(most) || v != float64(int64(v)) {
		return 0, fmt.Errorf("%s %s: want a whole number above 0 and up to %d, as 64 or 1k", flag, s, most)
	}
	return int64(v), nil
}

func parseHeader(s string) (ancmbench.Field, error) {
	name, value, found := strings.Cut(s, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !found || name == "" || strings.ContainsAny(s, "\r\n") {
		return ancmbench.Field{}, fmt.Errorf("-H, --header: want 'Name: value'") // never the value: it may be a credential
	}
	return ancmbench.Field{Name: name, Value: value}, nil
}

// maxErrors bounds failures by number or by share.
type maxErrors struct {
	count int64
	share float64 // in [0,1], if by
	by    bool    // by share
}

func parseMaxErrors(s string) (maxErrors, error) {
	if text, ok := strings.CutSuffix(s, "%"); ok {
		v, err := finite(text)
		if err != nil || v < 0 || v > 100 {
			return maxErrors{}, fmt.Errorf("--max-errors %s: want 0%% to 100%%", s)
		}
		return maxErrors{share: v / 100, by: true}, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return maxErrors{}, fmt.Errorf("--max-errors %s: want a number from 0 on, or a share as 1%%", s)
	}
	return maxErrors{count: n}, nil
}

func (m maxErrors) exceededBy(o ancmbench.Outcomes) bool {
	if m.by {
		return o.ErrorShare() > m.share
	}
	return o.Errors() > m.count
}

// setHeaders puts the fields of -H into the target's one request, and Host where
// both engines take it from. All faults at once.
func setHeaders(t *ancmbench.Target, headers []string) error {
	q := &t.Workload.Requests[0]
	var faults []error
	hosts := 0
	for _, h := range headers {
		field, err := parseHeader(h)
		switch name := strings.ToLower(field.Name); {
		case err != nil:
			faults = append(faults, err)
		case name == "host" && field.Value == "":
			faults = append(faults, errors.New("-H, --header Host: needs a value"))
		case name == "host":
			t.Host = field.Value
			hosts++
		case name == "content-length" || name == "transfer-encoding":
			faults = append(faults, fmt.Errorf("-H, --header %s: is made from --body and cannot be given", field.Name))
		default:
			q.Header = append(q.Header, field)
		}
	}
	if hosts > 1 {
		faults = append(faults, errors.New("-H, --header Host: a request has one (RFC 9112, 3.2)"))
	}
	return errors.Join(faults...)
}
