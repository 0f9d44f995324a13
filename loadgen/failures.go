package loadgen

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"ancmbench"
)

// ownWords describes each outcome, for requests without a more precise cause.
var ownWords = [outcomes]string{
	WrongModel:  "answer of another model",
	WrongAnswer: "another body or field than expected",
	Refused:     "connection refused",
	Reset:       "connection reset",
	Timeout:     "no whole answer in time",
	Malformed:   "malformed answer",
	ClosedEarly: "connection closed before the end of the answer",
	Failed:      "failed",
	Unfinished:  "in flight when the load ended",
}

// Unasked is the cause of an answer that is not counted as OK because bytes arrived on
// its connection that belong to no request: the answer itself may be such bytes.
const Unasked = "bytes that no request had asked for"

// causes counts failures by outcome and cause.
type causes map[cause]int64

type cause struct {
	outcome Outcome
	words   string
}

// causesMost limits the number of distinct causes, because a server can invent new ones.
const causesMost = 50

func (c causes) add(k cause, n int64) {
	if _, known := c[k]; !known && len(c) >= causesMost {
		k.words = "other causes"
	}
	c[k] += n
}

func (c causes) merge(o causes) {
	for k, n := range o {
		c.add(k, n)
	}
}

// list returns the failures, the most frequent first.
func (c causes) list() []ancmbench.Failure {
	var out []ancmbench.Failure
	for k, n := range maps.All(c) {
		if n > 0 {
			out = append(out, ancmbench.Failure{Kind: k.outcome.String(), Cause: k.words, Count: n})
		}
	}
	slices.SortFunc(out, func(a, b ancmbench.Failure) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Cause, b.Cause))
	})
	return out
}

// notFollowed is the end of the cause of a redirect.
const notFollowed = ": a redirect, which is not followed"

// failed counts why a request failed.
func (r *Recorder) failed(rec *Record) {
	words := rec.Cause
	switch {
	case rec.Outcome == BadStatus:
		r.status[rec.Status]++
		words = fmt.Sprint("status ", rec.Status)
		if Redirects(rec.Status) {
			words += notFollowed
		}
	case words == "":
		words = ownWords[rec.Outcome]
	}
	r.causes.add(cause{rec.Outcome, words}, 1)
}

// Recant counts n earlier requests as malformed instead of OK, because their answers
// turned out to be bytes that no request had asked for. Their times stay recorded, like
// those of every failure.
func (r *Recorder) Recant(n int64) {
	n = min(n, r.counts[OK])
	if n <= 0 {
		return
	}
	r.counts[OK] -= n
	r.counts[Malformed] += n
	r.causes.add(cause{Malformed, Unasked}, n)
	if last := len(r.series) - 1; last >= 0 {
		r.series[last].Errors += n
	}
	for i := r.current; i >= 0 && n > 0; i-- {
		less := min(n, r.slices[i].Done)
		r.slices[i].Done -= less
		n -= less
	}
}

// GaveUp counts a connection that was closed because bytes arrived on it that belong to
// no request.
func (r *Recorder) GaveUp() { r.unasked++ }

// Bounds of the last look.
const (
	lookLeast = 5 * time.Millisecond
	lookMost  = 20 * time.Millisecond
)

// LastLook returns how long an engine keeps its connections open after a load, to detect
// bytes that belong to no request. It is the longest service time, within lookLeast and
// lookMost, or 0 if nothing was sent.
func (r *Recorder) LastLook() time.Duration {
	if r.sent == 0 {
		return 0
	}
	return min(max(r.service.Max(), lookLeast), lookMost)
}
