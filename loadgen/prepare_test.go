package loadgen

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

func withVars(random bool, rows int, requests ...ancmbench.Request) ancmbench.Target {
	v := &ancmbench.Vars{Names: []string{"id", "who"}, Random: random}
	for i := range rows {
		v.Rows = append(v.Rows, []string{fmt.Sprint(i), fmt.Sprintf("user %d", i)})
	}
	return ancmbench.Target{Name: "a", Address: "127.0.0.1:1", Workload: ancmbench.Workload{Name: "w", Requests: requests, Vars: v}}
}

func TestPrepareFillsEveryPlace(t *testing.T) {
	target := withVars(false, 3,
		ancmbench.Request{Path: "/plain"},
		ancmbench.Request{Path: "/{{id}}/x?w={{who}}", Method: "POST", Body: []byte(`{"a":"{{id}}{{who}}"}`),
			Header: []ancmbench.Field{{Name: "X-Who", Value: "<{{who}}>"}, {Name: "X-Plain", Value: "{{"}}})
	got, err := Prepare(target)
	if err != nil || len(got) != 4 {
		t.Fatalf("%d requests, %v, want 1 and one for each of 3 rows", len(got), err)
	}
	if got[0].Path != "/plain" || got[0].Template != 0 || got[1].Template != 1 || got[1].Want != got[3].Want || got[0].Want == got[1].Want {
		t.Errorf("templates: %+v", got)
	}
	last := got[3].Request
	want := ancmbench.Request{Path: "/2/x?w=user 2", Method: "POST", Body: []byte(`{"a":"2user 2"}`),
		Header: []ancmbench.Field{{Name: "X-Who", Value: "<user 2>"}, {Name: "X-Plain", Value: "{{"}}}
	if !reflect.DeepEqual(last, want) {
		t.Errorf("the last is\n%+v, want\n%+v", last, want)
	}
	if target.Workload.Requests[1].Header[0].Value != "<{{who}}>" {
		t.Error("Prepare has changed the workload")
	}
}

// A value is text and never a template: one CSV cannot reach into another column.
func TestValuesAreNotFilledAgain(t *testing.T) {
	target := withVars(false, 1, ancmbench.Request{Path: "/{{id}}"})
	target.Workload.Vars.Rows[0] = []string{"{{who}}", "x"}
	got, err := Prepare(target)
	if err != nil || got[0].Path != "/{{who}}" {
		t.Errorf("%+v, %v", got, err)
	}
}

// Request n takes row n, or a row drawn by the seed; both are pure functions of n.
func TestRowsInTurnAndAtRandom(t *testing.T) {
	load := ancmbench.Load{Arrivals: ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 1000, Seed: 7}, Dealing: ancmbench.Dealing{Kind: ancmbench.Single},
		Duration: ancmbench.Seconds(time.Second), Connections: 1}
	requests := func(random bool, seed uint64) []int {
		load.Arrivals.Seed = seed
		load.Targets = []ancmbench.Target{withVars(random, 10, ancmbench.Request{Path: "/{{id}}"})}
		p, err := NewPlan(load)
		if err != nil {
			t.Fatal(err)
		}
		var out []int
		for n := range uint64(1000) {
			out = append(out, p.Request(0, n))
		}
		return out
	}
	for n, row := range requests(false, 1) {
		if row != n%10 {
			t.Fatalf("request %d takes row %d", n, row)
		}
	}
	drawn := requests(true, 1)
	if !slices.Equal(drawn, requests(true, 1)) {
		t.Error("the same seed draws other rows")
	}
	if slices.Equal(drawn, requests(true, 2)) {
		t.Error("another seed draws the same rows")
	}
	count := make([]int, 10)
	for _, row := range drawn {
		count[row]++
	}
	for row, n := range count {
		if n < 60 || n > 150 { // 4 standard deviations of 100
			t.Errorf("row %d was drawn %d times of 1000", row, n)
		}
	}
}

// Weights are those of the requests, however many rows each has.
func TestWeightsDoNotDependOnRows(t *testing.T) {
	c := choiceOf(withVars(false, 50, ancmbench.Request{Path: "/a", Weight: 3}, ancmbench.Request{Path: "/{{id}}"}).Workload)
	plain, rows := 0, map[int]bool{}
	for n := range uint64(4000) {
		if i := c.at(1, n); i == 0 {
			plain++
		} else {
			rows[i] = true
		}
	}
	if plain < 2850 || plain > 3150 || len(rows) != 50 {
		t.Errorf("%d of 4000 are the request of weight 3, and %d rows were taken", plain, len(rows))
	}
}

func TestIllegalVariables(t *testing.T) {
	path := func(p string) ancmbench.Request { return ancmbench.Request{Path: p} }
	for want, target := range map[string]ancmbench.Target{
		"nothing gives {{nobody}} a value": withVars(false, 1, path("/{{nobody}}")),
		"0 rows":                           withVars(false, 0, path("/{{id}}")),
		"row 1: the path {{id}} must begin with a slash": withVars(false, 1, path("{{id}}")),
	} {
		if _, err := NewPlan(planned(target)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	huge := withVars(false, 1000, ancmbench.Request{Path: "/{{id}}", Body: make([]byte, 1<<20)})
	if _, err := NewPlan(planned(huge)); err == nil || !strings.Contains(err.Error(), "and may take 512") {
		t.Errorf("a thousand requests of a MiB: %v", err)
	}
	none := withVars(false, 1, path("/{{id}}"))
	none.Workload.Vars = nil
	if _, err := NewPlan(planned(none)); err == nil || !strings.Contains(err.Error(), "nothing gives {{id}} a value") {
		t.Errorf("without any values: %v", err)
	}
	// What would end the line of a head is a fault there, and not in a body.
	for place, q := range map[string]ancmbench.Request{"head": {Path: "/", Header: []ancmbench.Field{{Name: "X", Value: "{{who}}"}}}, "body": {Path: "/", Body: []byte("{{who}}")}} {
		target := withVars(false, 2, q)
		target.Workload.Vars.Rows[1][1] = "a\r\nX-Evil: 1"
		_, err := NewPlan(planned(target))
		if refused := err != nil && strings.Contains(err.Error(), "row 2: the value of who holds a line break"); refused != (place == "head") {
			t.Errorf("in a %s: %v", place, err)
		}
	}
}

func planned(target ancmbench.Target) ancmbench.Load {
	return ancmbench.Load{Arrivals: ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 10}, Dealing: ancmbench.Dealing{Kind: ancmbench.Single},
		Duration: ancmbench.Seconds(time.Second), Connections: 1, Targets: []ancmbench.Target{target}}
}

func TestGRPCIsRefused(t *testing.T) {
	target := withVars(false, 1, ancmbench.Request{Path: "/", Header: []ancmbench.Field{{Name: "content-type", Value: " Application/gRPC+proto"}}})
	if _, err := NewPlan(planned(target)); err == nil || !strings.Contains(err.Error(), "gRPC is not supported") {
		t.Error(err)
	}
}

// The expected part is found wherever the body is cut into pieces.
func TestBodyContains(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	letters := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "aab"[rng.IntN(3)]
		}
		return string(b)
	}
	found := 0
	for range 5000 {
		body, part := letters(rng.IntN(30)), letters(1+rng.IntN(6))
		x, err := NewExpectation(ancmbench.Expect{BodyContains: part})
		if err != nil {
			t.Fatal(err)
		}
		var a Answer
		a.Begin()
		for left := body; left != ""; {
			n := 1 + rng.IntN(len(left))
			x.Body(&a, []byte(left[:n]))
			left = left[n:]
		}
		want := WrongAnswer
		if strings.Contains(body, part) {
			want, found = OK, found+1
		}
		if got := x.Judge(&a, 200); got != want {
			t.Fatalf("%q in %q: %v, want %v", part, body, got, want)
		}
	}
	if found < 500 || found > 4500 {
		t.Errorf("%d of 5000 were found: too one-sided to say anything", found)
	}
}

// A body that is not the first one is noted, whatever the pieces, and is still right.
func TestVariedBodies(t *testing.T) {
	long := strings.Repeat("x", keepBody+100)
	for _, piece := range []int{1, 3, 1000, 1 << 20} {
		for _, c := range []struct {
			first, then string
			varied      bool
		}{
			{"hello", "hello", false}, {"hello", "hellO", true}, {"hello", "hell", true}, {"hello", "hello!", true},
			{"", "", false}, {"", "x", true}, {"x", "", true}, {long, long, false}, {long, long + "x", true},
		} {
			if piece == 1 && len(c.first) > 1000 {
				continue
			}
			x := &Expectation{length: -1, watch: true}
			x.status.add(200, 299)
			var a Answer
			for i, body := range []string{c.first, c.then, c.first} {
				if got := judge(x, &a, 200, nil, []byte(body), piece); got != OK {
					t.Fatalf("%.9q is %v", body, got)
				}
				if want := c.varied && i == 1; a.Varied() != want {
					t.Errorf("%.9q after %.9q in pieces of %d: varied is %v", body, c.first, piece, a.Varied())
				}
			}
			if judge(x, &a, 500, nil, []byte("an error"), piece); a.Varied() {
				t.Error("a wrong answer counts as varied")
			}
		}
	}
}

// No stream has more requests than the rate asks for, with 1 % on top; without the choice
// of a seed many have.
func TestSeedWithin(t *testing.T) {
	over := func(l ancmbench.Load) bool {
		p, err := NewPlan(l)
		if err != nil {
			t.Fatal(err)
		}
		rate := l.Arrivals.Rate
		if l.Arrivals.Kind == ancmbench.Ramp {
			rate = (rate + l.Arrivals.RampTo) / 2
		}
		return float64(p.Total()) > rate*l.Duration.Float()*float64(len(l.Targets))*overRate
	}
	by := 0
	for seed := range uint64(60) {
		for _, kind := range []ancmbench.ArrivalKind{ancmbench.Poisson, ancmbench.Ramp, ancmbench.Constant} {
			for _, dealing := range []ancmbench.DealingKind{ancmbench.Slices, ancmbench.Duel} {
				l := ancmbench.Load{Arrivals: ancmbench.Arrivals{Kind: kind, Rate: 100, Seed: seed}, Dealing: ancmbench.Dealing{Kind: dealing},
					Duration: ancmbench.Seconds(2 * time.Second), Connections: 1}
				if kind == ancmbench.Ramp {
					l.Arrivals.RampTo, l.Arrivals.Random = 300, true
				}
				a, b := withVars(false, 1, ancmbench.Request{Path: "/"}), withVars(false, 1, ancmbench.Request{Path: "/"})
				b.Name = "b"
				l.Targets = []ancmbench.Target{a, b}
				if over(l) {
					by++
				}
				if l.Arrivals.Seed = SeedWithin(l); over(l) {
					t.Errorf("seed %d, %s, %s: more than asked for", seed, kind, dealing)
				}
			}
		}
	}
	if by < 30 {
		t.Errorf("only %d streams had too many: the seed is chosen for nothing", by)
	}
}

func TestHTTP2IsRecognised(t *testing.T) {
	settings := "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"
	if !SpeaksHTTP2([]byte(settings)) || SpeaksHTTP2([]byte(settings[:8])) || SpeaksHTTP2([]byte("HTTP/1.1 200 OK\r\n\r\n")) {
		t.Error("a SETTINGS frame is not told from an answer")
	}
	for _, piece := range []int{len(settings), 9, 12} {
		var p Parser
		p.Reset(new(Expectation), nil, false)
		if _, step := p.Feed([]byte(settings[:piece])); step != Broken || p.Why() != HTTP2Only {
			t.Errorf("%d bytes of it: %v, %q", piece, step, p.Why())
		}
	}
}
