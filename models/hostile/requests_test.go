package hostile_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"ancmbench/models/hostile"
)

// expected is what must become of a request in a place, and why it fails there today.
func expected(p *place, r *hostile.Request) (want []string, todo string) {
	w := r.Want
	for _, e := range r.Except {
		if p.is(e.Where) {
			w = e.Want
			break
		}
	}
	for _, todo := range r.Todo {
		if p.is(todo.Where) {
			return []string{w}, todo.Why
		}
	}
	if w == "200 or 431" {
		return []string{r.Want, "431; closed"}, ""
	}
	return []string{w}, ""
}

// judge fails unless the outcome is the expected one; a case that is to be mended
// must still fail, or the table is out of date.
func judge(t *testing.T, p *place, r *hostile.Request, how, got string) {
	t.Helper()
	want, todo := expected(p, r)
	right := slices.Contains(want, got)
	switch {
	case right && todo != "":
		t.Errorf("%s, %s: is mended; take the todo away (%s)", r.Name, how, todo)
	case !right && todo == "":
		t.Errorf("%s, %s:\n got %.300s\nwant %.300s", r.Name, how, got, want)
	}
}

// each calls f for every request in every place, some at a time.
func each(t *testing.T, f func(t *testing.T, p *place, r *hostile.Request)) {
	requests := hostile.Requests()
	for _, p := range places(t) {
		t.Run(p.name, func(t *testing.T) {
			next := make(chan *hostile.Request)
			var all sync.WaitGroup
			for range 16 { // some servers linger for half a second
				all.Go(func() {
					for r := range next {
						f(t, p, r)
					}
				})
			}
			for i := range requests {
				next <- &requests[i]
			}
			close(next)
			all.Wait()
			p.app.noneSmuggled(t)
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
	three := long("HOSTILE_SPLITS", 4)
	each(t, func(t *testing.T, p *place, r *hostile.Request) {
		whole := exchange(p, p.pipe, r.Input)
		judge(t, p, r, "whole", whole)
		random := rand.New(rand.NewPCG(seed, uint64(len(r.Name))))
		for _, cut := range cuts(p, len(r.Input), random) {
			if got := exchange(p, p.pipe, r.Input[:cut], r.Input[cut:]); got != whole {
				t.Errorf("%s, cut at %d: %s\nwhole: %s", r.Name, cut, got, whole)
			}
		}
		for range three {
			a, b := random.IntN(len(r.Input)), random.IntN(len(r.Input))
			a, b = min(a, b), max(a, b)
			if got := exchange(p, p.pipe, r.Input[:a], r.Input[a:b], r.Input[b:]); got != whole {
				t.Errorf("%s, cut at %d and %d, seed %d: %s\nwhole: %s", r.Name, a, b, seed, got, whole)
			}
		}
	})
}

// cuts are the places in which a request is cut in two: all, but for those that are
// long, and under TLS, where a connection costs fifty times as much.
func cuts(p *place, n int, random *rand.Rand) (out []int) {
	most := 400
	if p.tls != nil {
		most = long("HOSTILE_TLS_SPLITS", 6)
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
