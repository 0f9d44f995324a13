package hostile_test

import (
	"io"
	"math/rand/v2"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ancmbench/models/hostile"
)

// mutated changes a request in one to three places, as fuzzers do.
func mutated(random *rand.Rand, in string, other string) string {
	b := []byte(in)
	const marks = "\r\n\t :;,/?#%*\"\\()[]{}@-+_.0129afzAF\x00\x01\x0b\x7f\x80\xff"
	words := []string{"\r\n", "\r\n\r\n", "\n", " ", "0\r\n\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "Host: b\r\n", "HTTP/1.1", "http://b", "%2f", "3\r\nabc\r\n", ";a=b", "T-Z: y\r\n"}
	for range 1 + random.IntN(3) {
		at := random.IntN(len(b) + 1)
		switch random.IntN(7) {
		case 0:
			if at < len(b) {
				b[at] = marks[random.IntN(len(marks))]
			}
		case 1:
			b = slices.Insert(b, at, marks[random.IntN(len(marks))])
		case 2:
			b = slices.Insert(b, at, []byte(words[random.IntN(len(words))])...)
		case 3:
			b = slices.Delete(b, at, min(len(b), at+1+random.IntN(4)))
		case 4: // a piece twice
			end := min(len(b), at+random.IntN(20))
			b = slices.Insert(b, at, slices.Clone(b[at:end])...)
		case 5: // a piece of another
			from := random.IntN(len(other))
			b = slices.Insert(b, at, []byte(other[from:min(len(other), from+random.IntN(30))])...)
		case 6:
			if at < len(b) {
				b[at] ^= 1 << random.IntN(8)
			}
		}
	}
	return string(b)
}

var refusal = regexp.MustCompile(`^[45][0-9][0-9]$`)

// answered sends all of it, ends its side if need be, and gives the outcome with every
// refusal as "refused".
func answered(p *place, input string, ends bool) string {
	c, client, err := p.dial()
	if err != nil {
		return err.Error()
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	go func() { // a server may close before it has read all
		_, _ = io.WriteString(c, input)
		if ends {
			_ = c.(*net.TCPConn).CloseWrite()
		}
	}()
	all, err := io.ReadAll(c)
	if n, ok := err.(net.Error); ok && n.Timeout() {
		return "no end"
	}
	got := outcome(all, p.app.take(client))
	if ends { // the client has said so itself
		got = strings.TrimSuffix(got, "; without saying so")
	}
	parts := strings.Split(got, "; ")
	for i, part := range parts {
		if refusal.MatchString(part) {
			parts = append(parts[:i], "refused")
			break
		}
	}
	return strings.Join(parts, "; ")
}

// Mutations of the table's requests become on the lean front what the reference parser
// says; and what reaches the app of them reaches it through net/http's server as well.
func TestMutations(t *testing.T) {
	n := long("HOSTILE_MUTATIONS", 4000)
	seed := uint64(long("HOSTILE_SEED", 1))
	var lean *place
	for _, p := range places(t) {
		if p.is("lean+in-process") && p.tls == nil {
			lean = p
		}
	}
	if lean == nil {
		t.Skip("skipped: no lean front on this system")
	}
	plain := bare(t)
	var corpus, good []string
	for _, r := range hostile.Requests() {
		if len(r.Input) < 1500 {
			corpus = append(corpus, r.Input)
			if strings.HasSuffix(r.Want, "kept") {
				good = append(good, r.Input)
			}
		}
	}
	var next, served atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for i := next.Add(1); i <= int64(n) && !t.Failed(); i = next.Add(1) {
				random := rand.New(rand.NewPCG(seed, uint64(i)))
				from := corpus
				if random.IntN(4) > 0 {
					from = good
				}
				input := mutated(random, from[random.IntN(len(from))], corpus[random.IntN(len(corpus))]) + endRequest
				if strings.Contains(input, "_") {
					continue // see the trailer with an underscore
				}
				want := reference([]byte(input))
				got := answered(lean, input, incomplete(want))
				if !agrees(got, want) {
					t.Errorf("seed %d, mutation %d: %q\n got %s\nwant %s", seed, i, input, got, strings.Join(want, "; "))
				}
				if !strings.HasPrefix(got, "refused") && !strings.HasPrefix(got, "closed") {
					served.Add(1)
					if strings.Contains(got, "CONNECT") || strings.Contains(input, "://") {
						continue // host and target are others there, see the table
					}
					if theirs := answered(plain, input, true); !throughBoth(got, theirs) {
						t.Errorf("seed %d, mutation %d: %q\n   lean %s\nnet/http %s", seed, i, input, got, theirs)
					}
				}
			}
		})
	}
	all.Wait()
	t.Logf("%d mutations, of which %d had a request that was served", n, served.Load())
	if served.Load() < int64(n)/20 {
		t.Errorf("%d of %d mutations were served: they are too wild to show anything", served.Load(), n)
	}
}

// incomplete reports whether the server waits for more at the end.
func incomplete(want []string) bool {
	last := want[len(want)-1]
	return last == "waits" || last == "short"
}

// agrees compares an outcome with the reference's. Where the client has ended a request
// before its end the app has said no, or nothing was answered; and a client that ends
// its side may be taken for gone before all that it had sent was answered.
func agrees(got string, want []string) bool {
	if !incomplete(want) {
		return got == strings.Join(want, "; ")
	}
	for n := len(want) - 1; n >= 0; n-- {
		before := strings.Join(want[:n], "; ")
		if got == strings.TrimPrefix(before+"; closed", "; ") || n == len(want)-1 && got == strings.TrimPrefix(before+"; refused", "; ") {
			return true
		}
	}
	return false
}

// throughBoth compares what the app saw behind our front with what it saw behind
// net/http: the same, as far as both went.
func throughBoth(ours, theirs string) bool {
	a, b := strings.Split(ours, "; "), strings.Split(theirs, "; ")
	for i := range min(len(a), len(b)) {
		last := a[i] == "refused" || a[i] == "closed" || b[i] == "refused" || b[i] == "closed"
		if last {
			return true
		}
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
