package fleet

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// Messages of every length arrive whole, also when their frames are mixed with those of
// others, and no frame is too long for NATS.
func TestFramesCarryEveryLength(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, frameMost - 1, frameMost, frameMost + 1, 3*frameMost + 7} {
		one, two := make([]byte, n), make([]byte, 2*frameMost+1)
		for i := range one {
			one[i] = byte(rng.Uint32())
		}
		first, err := split(one)
		second, err2 := split(two)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		var a assembler
		var got [][]byte
		for i := range max(len(first), len(second)) {
			for _, frames := range [][][]byte{first, second} {
				if i >= len(frames) {
					continue
				}
				if len(frames[i]) >= 1<<20 {
					t.Fatalf("a frame of %d bytes", len(frames[i]))
				}
				m, err := a.add(frames[i])
				if err != nil {
					t.Fatal(err)
				}
				if m != nil {
					got = append(got, m)
				}
			}
		}
		if n == 0 {
			got = slices.Insert(got, 0, []byte{})
		}
		if !slices.ContainsFunc(got, func(b []byte) bool { return bytes.Equal(b, one) }) || len(a.open) != 0 || a.room != 0 {
			t.Errorf("%d bytes: %d messages arrived, %d open, %d bytes kept", n, len(got), len(a.open), a.room)
		}
	}
	if _, err := split(make([]byte, messageMost+1)); err == nil {
		t.Error("a message that is too long is sent")
	}
}

func frame(number uint64, index uint32, whole uint64, part int) []byte {
	f := make([]byte, frameHead+part)
	binary.BigEndian.PutUint32(f, frameMagic)
	binary.BigEndian.PutUint64(f[4:], number)
	binary.BigEndian.PutUint32(f[12:], index)
	binary.BigEndian.PutUint64(f[16:], whole)
	return f
}

// A frame that fits no message is an error, and gives its message up.
func TestHostileFrames(t *testing.T) {
	const two = frameMost + 5
	for name, frames := range map[string][][]byte{
		"empty":                {{}},
		"another protocol":     {bytes.Repeat([]byte("GET / "), 10)},
		"a head cut short":     {frame(1, 0, 3, 3)[:frameHead-1]},
		"too long a message":   {frame(1, 0, messageMost+1, 4)},
		"the largest length":   {frame(1, 0, 1<<63, 4)},
		"begins in the middle": {frame(1, 1, two, 5)},
		"twice the first":      {frame(1, 0, two, frameMost), frame(1, 0, two, frameMost)},
		"a frame is missing":   {frame(1, 0, 3*frameMost, frameMost), frame(1, 2, 3*frameMost, frameMost)},
		"another length":       {frame(1, 0, two, frameMost), frame(1, 1, two+1, 6)},
		"more than announced":  {frame(1, 0, two, frameMost), frame(1, 1, two, 6)},
		"a short first frame":  {frame(1, 0, two, 7)},
		"a short middle frame": {frame(1, 0, 3*frameMost, frameMost), frame(1, 1, 3*frameMost, 9)},
	} {
		var a assembler
		var last error
		for i, f := range frames {
			m, err := a.add(f)
			if m != nil || err != nil && i < len(frames)-1 {
				t.Errorf("%s: frame %d: %d bytes, %v", name, i, len(m), err)
			}
			last = err
		}
		if last == nil || len(a.open) != 0 || a.room != 0 {
			t.Errorf("%s: %v, with %d messages and %d bytes open", name, last, len(a.open), a.room)
		}
	}
}

// What never ends takes bounded memory.
func TestOpenMessagesAreBounded(t *testing.T) {
	var a assembler
	refused := 0
	for i := range uint64(4 * openMost) {
		if _, err := a.add(frame(i, 0, messageMost, frameMost)); err != nil {
			refused++
		}
	}
	if len(a.open) > openMost || a.room > roomMost || refused == 0 {
		t.Errorf("%d messages open, %d bytes, %d refused", len(a.open), a.room, refused)
	}
}

// Messages of peers that are gone make room for others.
func TestSilentMessagesMakeRoom(t *testing.T) {
	now := time.Unix(1763000000, 0)
	a := assembler{now: func() time.Time { return now }}
	for i := range uint64(roomMost / messageMost) {
		if _, err := a.add(frame(i, 0, messageMost, frameMost)); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(frameWait)
	if _, err := a.add(frame(0, 1, messageMost, frameMost)); err != nil { // this one goes on
		t.Fatal(err)
	}
	if _, err := a.add(frame(100, 0, messageMost, frameMost)); err == nil {
		t.Error("there is room although all may go on")
	}
	now = now.Add(time.Nanosecond)
	if _, err := a.add(frame(101, 0, messageMost, frameMost)); err != nil {
		t.Error(err)
	}
	if _, err := a.add(frame(0, 2, messageMost, frameMost)); err != nil {
		t.Errorf("the message that goes on: %v", err)
	}
	if len(a.open) != 2 || a.room != 2*messageMost {
		t.Errorf("%d messages open, %d bytes", len(a.open), a.room)
	}
}

// An answer that cannot be sent is one with an error: who asked would wait for ever.
func TestAnswersThatCannotBeSent(t *testing.T) {
	c, s := nobody(t)
	for what, body := range map[string]any{"no number": math.NaN(), "too long": strings.Repeat("x", messageMost)} {
		s.link.answer = func(context.Context, message) (any, error) { return body, nil }
		if err := s.link.listen(toAgent + s.id); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		err := c.link.call(ctx, toAgent+s.id, opResults, nil, nil)
		cancel()
		var said *remoteError
		if !errors.As(err, &said) || !strings.Contains(said.Error(), "cannot be sent") {
			t.Errorf("%s: %v", what, err)
		}
		s.link.cancel(nil)
		for _, sub := range s.link.subs {
			_ = sub.Unsubscribe()
		}
		s.link.subs = nil
	}
}

// Only the coordinator knows which agents are in its process: one that says so of itself is
// still lost when it is silent.
func TestNobodyCallsItselfLocal(t *testing.T) {
	c, s := nobody(t)
	said, err := json.Marshal(hello{Protocol: protocol, Version: "v", Load: true, Local: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.answer(t.Context(), message{From: s.id, Op: opHello, Body: said}); err != nil {
		t.Fatal(err)
	}
	if m := c.present(); len(m) != 1 || m[0].hello.Local {
		t.Errorf("%+v", m[0].hello)
	}
}

// Whatever arrives ends in a message or in an error.
func FuzzFrames(f *testing.F) {
	whole, _ := split([]byte(`{"from":"A","op":"hello","call":1,"body":{"protocol":1}}`))
	f.Add(whole[0], []byte{})
	f.Add(frame(1, 0, frameMost+5, frameMost), frame(1, 1, frameMost+5, 5))
	f.Add(frame(1, 0, 1<<63, 4), frame(1, 1, 0, 0))
	f.Fuzz(func(t *testing.T, one, two []byte) {
		var a assembler
		for _, b := range [][]byte{one, two, one} {
			data, err := a.add(b)
			if data == nil || err != nil {
				continue
			}
			var m message
			_ = decode(data, &m)
		}
		if len(a.open) > openMost || a.room < 0 || len(a.open) == 0 && a.room != 0 {
			t.Errorf("%d messages open, %d bytes", len(a.open), a.room)
		}
	})
}

// nobody is a link whose messages go nowhere.
func nobody(t *testing.T) (*Coordinator, *session) {
	t.Helper()
	c, err := Open(Options{Version: "v"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(false) })
	o := &AgentOptions{Version: "v", Load: true, Serve: true, Engine: func(string, int) (loadgen.Engine, error) { return nil, errors.New("none") }}
	s := o.session()
	if s.link.nc, err = c.bus.connect(func(error) {}); err != nil {
		t.Fatal(err)
	}
	s.link.ctx, s.link.cancel = context.WithCancelCause(t.Context())
	t.Cleanup(s.link.nc.Close)
	return c, s
}

// Whatever the body of a message holds, coordinator and agent answer with an error or do as
// asked, and do not panic.
func FuzzMessages(f *testing.F) {
	ops := []string{opHello, opBeat, opLeave, opEvent, opEnded, opPrepare, opBegin, opResults, opStop, opOnce, opStart, opAddress,
		opEdges, opCosts, opKill, opStopOne, opBye, opPulse, opClock, "", "nothing"}
	for _, body := range []string{`{}`, `null`, `[]`, `{"protocol":1,"version":"v"}`, `{"load":{"targets":[{"address":"127.0.0.1:1"}]}}`,
		`{"load":{"duration_seconds":1,"connections":1,"part":{"index":-1,"of":0},"arrivals":{"kind":"poisson","rate_per_second":1}}}`,
		`{"id":1,"spec":{"Name":"../x"}}`, `{"at":{"seconds":-1,"nanos":99}}`, `{"id":1,"fault":{"text":"x","kinds":["errors"]}}`, strings.Repeat("[", 100)} {
		for i := range ops {
			f.Add(uint8(i), "AAAAAAAAAAAAAAAAAAAAAAAAAA", []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, op uint8, from string, body []byte) {
		c, s := nobody(t)
		m := message{From: from, Op: ops[int(op)%len(ops)], Call: 7, Body: body}
		if !c.hear(m) {
			_, _ = c.answer(t.Context(), m)
		}
		m.From = coordinatorID
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if !s.hear(m) {
			_, _ = s.answer(ctx, m)
		}
	})
}

// Everything that crosses the network survives it, within the message that it is part of: also
// a request with a body of 1 MiB.
func TestMessagesSurvive(t *testing.T) {
	load := ancmbench.Load{Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 3, Seed: 1<<64 - 1}, Part: &ancmbench.Part{Index: 2, Of: 5, Seed: 1<<63 + 3},
		Targets: []ancmbench.Target{{Name: "a", Roots: []byte("x"), Workload: ancmbench.Workload{Requests: []ancmbench.Request{{Body: []byte{0, 255}}, {Body: bytes.Repeat([]byte{1, 254}, 1<<19)}}}}}}
	for _, v := range []any{&hello{Protocol: 1, Version: "v", Host: "h", PID: 4, Cores: 2, Load: true, Address: "10.0.0.1", Facts: &ancmbench.Host{Cores: 3}},
		&prepare{Engine: "wire", Threads: 2, Load: load, Serving: []string{"10.0.0.1"}}, &begin{At: instantOf(time.Duration(1763000000123456789))},
		&results{Results: []ancmbench.Result{{Target: "a", Outcomes: ancmbench.Outcomes{OK: 3}}}, Fault: &fault{Text: "x", Kinds: []string{"errors"}, Status: 404}},
		&of{ID: 3, Role: "app", Edges: []instant{{1763000000, 999999999}}}} {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := json.Marshal(&message{From: "a", Op: opHello, Body: data})
		if err != nil {
			t.Fatal(err)
		}
		var m message
		if err := decode(whole, &m); err != nil {
			t.Errorf("%T: the message: %v", v, err)
			continue
		}
		back := reflect.New(reflect.TypeOf(v).Elem()).Interface()
		if err := decode(m.Body, back); err != nil || !reflect.DeepEqual(back, v) {
			t.Errorf("%T: %v", v, err)
		}
	}
}

// An error keeps the identity by which callers know it.
func TestFaultsKeepTheirKind(t *testing.T) {
	for kind, err := range known {
		if got := faultOf(errors.Join(errors.New("x"), err)).err(); !errors.Is(got, err) || !strings.Contains(got.Error(), "x") {
			t.Errorf("%s arrives as %v", kind, got)
		}
	}
	var status *loadgen.StatusError
	if !errors.As(faultOf(fmt.Errorf("x: %w", &loadgen.StatusError{Status: 404})).err(), &status) || status.Status != 404 {
		t.Errorf("a status arrives as %v", status)
	}
	if errors.As(faultOf(errors.New("x")).err(), &status) {
		t.Error("an error without a status arrives with one")
	}
	if faultOf(nil).err() != nil {
		t.Error("no error arrives as one")
	}
}
