package loadgen

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"ancmbench"
)

// ownWords say what an outcome is where its cause is not known any closer.
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

// Unasked is the cause of an answer that does not count because bytes came on its
// connection that no request had asked for: it may have been such bytes itself.
const Unasked = "bytes that no request had asked for"

// causes counts failures by what they are and why.
type causes map[cause]int64

type cause struct {
	outcome Outcome
	words   string
}

// causesMost bounds the causes that are told apart; servers can make them up.
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

// list gives the most frequent first.
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

// failed counts why a request failed.
func (r *Recorder) failed(rec *Record) {
	words := rec.Cause
	switch {
	case rec.Outcome == BadStatus:
		r.status[rec.Status]++
		words = fmt.Sprint("status ", rec.Status)
	case words == "":
		words = ownWords[rec.Outcome]
	}
	r.causes.add(cause{rec.Outcome, words}, 1)
}

// Recant takes back that n of the requests that were added got a right answer: it turned
// out that what was taken for one had been asked for by nobody. They are malformed. Their
// times stay, as those of every failure do.
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

// GaveUp counts a connection that was given up because bytes came on it that no
// request had asked for.
func (r *Recorder) GaveUp() { r.unasked++ }

// Bounds of the last look.
const (
	lookLeast = 5 * time.Millisecond
	lookMost  = 20 * time.Millisecond
)

// LastLook is how long an engine leaves its connections open after a load, to see what
// comes on them that no request has asked for: as long as the slowest answer took, within
// bounds; 0 if nothing was sent.
func (r *Recorder) LastLook() time.Duration {
	if r.sent == 0 {
		return 0
	}
	return min(max(r.service.Max(), lookLeast), lookMost)
}
