package hostile_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"ancmbench/models/hostile"
)

// expected returns what must become of a request in a place, and why it fails there
// today; nothing if it is not sent there.
func expected(p *place, r *hostile.Request) (want []string, todo string) {
	w := r.Want
	for _, e := range r.Except {
		if p.is(e.Where) {
			w = e.Want
			break
		}
	}
	if w == "" {
		return nil, ""
	}
	for _, todo := range r.Todo {
		if p.is(todo.Where) {
			return strings.Split(w, " or "), todo.Why
		}
	}
	return strings.Split(w, " or "), ""
}

// judge fails unless the outcome is the expected one; a case that is to be mended
// must still fail, or the table is out of date. What the app's own server does with
// net/http is net/http's: there the outcome may be that of the server as it stands.
func judge(t *testing.T, p *place, r *hostile.Request, how, got string) {
	t.Helper()
	want, todo := expected(p, r)
	right := slices.Contains(want, got)
	switch {
	case right && todo != "":
		t.Errorf("%s, %s: is mended; take the todo away (%s)", r.Name, how, todo)
	case !right && todo == "" && !(p.is("direct") && got == exchange(p.reference, p.reference.dial, r.Input)):
		t.Errorf("%s, %s:\n got %.300s\nwant %.300s", r.Name, how, got, strings.Join(want, " or "))
	}
}

// each calls f for every request in every place, some at a time.
func each(t *testing.T, f func(t *testing.T, p *place, r *hostile.Request)) {
	requests := hostile.Requests()
	reference := bare(t)
	for _, p := range places(t) {
		p.reference = reference
		t.Run(p.name, func(t *testing.T) {
			next := make(chan *hostile.Request)
			var all sync.WaitGroup
			for range 16 {
				all.Go(func() {
					for r := range next {
						if want, _ := expected(p, r); want != nil {
							f(t, p, r)
						}
					}
				})
			}
			for i := range requests {
				next <- &requests[i]
			}
			close(next)
			all.Wait()
			if !p.is("stdlib") { // which serves both framings
				p.app.noneSmuggled(t)
			}
		})
	}
}

// The table is large enough, and its names differ.
func TestRequestTable(t *testing.T) {
	names := map[string]bool{}
	for _, r := range hostile.Requests() {
		if names[r.Name] {
			t.Errorf("there are two %s", r.Name)
		}
		names[r.Name] = true
		for _, e := range r.Except {
			if e.Why == "" || e.Want == r.Want {
				t.Errorf("%s: the exception %q has no reason, or is none", r.Name, e.Where)
			}
		}
	}
	if len(names) < 480 {
		t.Errorf("%d requests, want 480", len(names))
	}
	t.Logf("%d requests", len(names))
}

// Every request gets its outcome in every place, sent whole and byte by byte over
// loopback.
func TestRequests(t *testing.T) {
	each(t, func(t *testing.T, p *place, r *hostile.Request) {
		judge(t, p, r, "whole", exchange(p, p.dial, r.Input))
		if len(r.Input) < 2000 || p.is("lean+in-process") {
			judge(t, p, r, "byte by byte", exchange(p, p.dial, bytewise(r.Input)...))
		}
	})
}

// What is answered does not depend on how the bytes were cut: every split into two
// gives the outcome of the whole, and so do seeded splits into three.
func TestSplits(t *testing.T) {
	seed := uint64(long("HOSTILE_SEED", 1))
	three := long("HOSTILE_SPLITS", 2)
	each(t, func(t *testing.T, p *place, r *hostile.Request) {
		whole := exchange(p, p.pipe, r.Input)
		judge(t, p, r, "whole", whole)
		same := func(how, got string) {
			if want, _ := expected(p, r); len(want) > 1 {
				judge(t, p, r, how, got) // either will do
			} else if got != whole {
				t.Errorf("%s, %s: %.300s\nwhole: %.300s", r.Name, how, got, whole)
			}
		}
		random := rand.New(rand.NewPCG(seed, uint64(len(r.Name))))
		// All at once: net/http lingers for half a second behind many refusals.
		var all sync.WaitGroup
		defer all.Wait()
		for _, cut := range cuts(p, len(r.Input), random) {
			all.Go(func() { same(fmt.Sprint("cut at ", cut), exchange(p, p.pipe, r.Input[:cut], r.Input[cut:])) })
		}
		for range three {
			a := 1 + random.IntN(len(r.Input)-2)
			b := a + 1 + random.IntN(len(r.Input)-a-1) // no piece is empty: no read is
			all.Go(func() {
				same(fmt.Sprintf("cut at %d and %d, seed %d", a, b, seed), exchange(p, p.pipe, r.Input[:a], r.Input[a:b], r.Input[b:]))
			})
		}
	})
}

// cuts returns the places in which a request is cut in two: all on the lean front before
// an app in its process, and elsewhere, where a connection costs many times as much or
// the parser is the same, some of them by the seed.
func cuts(p *place, n int, random *rand.Rand) (out []int) {
	most := 400
	switch {
	case p.tls != nil:
		most = long("HOSTILE_SPLITS", 3)
	case !p.is("lean+in-process"):
		most = long("HOSTILE_SPLITS", 12)
	}
	if underRace { // the detector finds in few what it finds in many
		most = min(most, 5)
	}
	if n > 4000 {
		most = min(most, 20)
	}
	if n <= most {
		for i := 1; i < n; i++ {
			out = append(out, i)
		}
		return out
	}
	for range most {
		out = append(out, 1+random.IntN(n-1))
	}
	return out
}

func bytewise(s string) (out []string) {
	for i := range len(s) {
		out = append(out, s[i:i+1])
	}
	return out
}
