package loadgen

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"ancmbench"
)

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// judge hands the body over in pieces of the given size.
func judge(x *Expectation, a *Answer, status int, header []ancmbench.Field, body []byte, piece int) Outcome {
	a.Begin()
	for _, h := range header {
		x.Field(a, []byte(h.Name), []byte(h.Value))
	}
	for len(body) > 0 {
		n := min(piece, len(body))
		x.Body(a, body[:n])
		body = body[n:]
	}
	return x.Judge(a, status)
}

func TestJudge(t *testing.T) {
	model := ancmbench.Field{Name: "x-ANCM-model", Value: "in-process"}
	kind := ancmbench.Field{Name: "content-type", Value: "text/plain"}
	five := int64(5)
	x, err := NewExpectation(ancmbench.Expect{Status: 200, BodySHA256: hashOf([]byte("hello")), BodyBytes: &five,
		Header: []ancmbench.Field{{Name: "X-Ancm-Model", Value: "in-process"}, {Name: "Content-Type", Value: "text/plain"}}})
	if err != nil {
		t.Fatal(err)
	}
	wrong := model
	wrong.Value = "out-of-process"
	for range 2 { // the second time the good body is known
		for _, c := range []struct {
			name   string
			status int
			header []ancmbench.Field
			body   string
			want   Outcome
		}{
			{"right", 200, []ancmbench.Field{kind, model}, "hello", OK},
			{"status first", 502, nil, "", BadStatus},
			{"another 2xx", 204, []ancmbench.Field{kind, model}, "hello", BadStatus},
			{"no model", 200, []ancmbench.Field{kind}, "hello", WrongModel},
			{"wrong model", 200, []ancmbench.Field{kind, wrong}, "hello", WrongModel},
			{"wrong field", 200, []ancmbench.Field{model}, "hello", WrongAnswer},
			{"wrong body", 200, []ancmbench.Field{kind, model}, "hellO", WrongAnswer},
			{"short", 200, []ancmbench.Field{kind, model}, "hell", WrongAnswer},
			{"long", 200, []ancmbench.Field{kind, model}, "hello!", WrongAnswer},
			{"empty", 200, []ancmbench.Field{kind, model}, "", WrongAnswer},
		} {
			for piece := 1; piece < 7; piece++ {
				var a Answer
				if got := judge(x, &a, c.status, c.header, []byte(c.body), piece); got != c.want {
					t.Errorf("%s in pieces of %d: %v, want %v", c.name, piece, got, c.want)
				}
			}
		}
	}
}

// The hash alone decides, also once the good body is known.
func TestJudgeByHashAlone(t *testing.T) {
	x, err := NewExpectation(ancmbench.Expect{BodySHA256: hashOf([]byte("hello"))})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"hello", "", "hell", "hello!", "hellO", "hello"} {
		want := WrongAnswer
		if body == "hello" {
			want = OK
		}
		var a Answer
		if got := judge(x, &a, 200, nil, []byte(body), 3); got != want {
			t.Errorf("%q: %v, want %v", body, got, want)
		}
	}
}

func TestJudgeLargeBody(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789"), 20_000)
	x, err := NewExpectation(ancmbench.Expect{BodySHA256: hashOf(body)})
	if err != nil {
		t.Fatal(err)
	}
	var a Answer
	for range 2 {
		if got := judge(x, &a, 206, nil, body, 4096); got != OK {
			t.Errorf("right body: %v", got)
		}
		body[150_000]++
		if got := judge(x, &a, 200, nil, body, 4096); got != WrongAnswer {
			t.Errorf("wrong body: %v", got)
		}
		body[150_000]--
	}
}

func TestExpectFaults(t *testing.T) {
	minus := int64(-1)
	for want, e := range map[string]ancmbench.Expect{
		"expected status 99: must lie in 200 to 599":              {Status: 99},
		"expected status 600: must lie in 200 to 599":             {Status: 600},
		"expected body of -1 bytes: must not be negative":         {BodyBytes: &minus},
		`expected body hash "xyz": must be 64 hexadecimal digits`: {BodySHA256: "xyz"},
		`expected body hash "ab": must be 64 hexadecimal digits`:  {BodySHA256: "ab"},
		"65 expected header fields: at most 64":                   {Header: make([]ancmbench.Field, 65)},
	} {
		if _, err := NewExpectation(e); err == nil || err.Error() != want {
			t.Errorf("%+v: %v, want %q", e, err, want)
		}
	}
	for _, e := range []ancmbench.Expect{{}, {Status: 200}, {Status: 599}, {Header: make([]ancmbench.Field, 64)}} {
		if _, err := NewExpectation(e); err != nil {
			t.Errorf("%+v: %v", e, err)
		}
	}
}

func TestJudgeDoesNotAllocate(t *testing.T) {
	body := []byte("hello")
	x, err := NewExpectation(ancmbench.Expect{BodySHA256: hashOf(body), Header: []ancmbench.Field{{Name: "X-Ancm-Model", Value: "direct"}}})
	if err != nil {
		t.Fatal(err)
	}
	var a Answer
	name, value := []byte("X-Ancm-Model"), []byte("direct")
	if n := testing.AllocsPerRun(100, func() {
		a.Begin()
		x.Field(&a, name, value)
		x.Body(&a, body)
		if x.Judge(&a, 200) != OK {
			t.Error("not OK")
		}
	}); n != 0 {
		t.Errorf("%v allocations per answer", n)
	}
}
