package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// lives are servers of every kind that an engine can meet, for the sequences of
// FuzzLife. The first one is well.
type lives struct {
	targets []ancmbench.Target
	mu      sync.Mutex
	open    []net.Conn
}

func newLives(t testing.TB) *lives {
	l := &lives{}
	add := func(network string, serve func(net.Conn)) {
		at := at(listen(t, network, func(c net.Conn) {
			l.mu.Lock()
			l.open = append(l.open, c)
			l.mu.Unlock()
			serve(c)
		}), string(rune('a'+len(l.targets))))
		l.targets = append(l.targets, at)
	}
	add("tcp", say(hello))
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	l.targets = append(l.targets, at(gone, "b"))
	add("tcp", func(net.Conn) {}) // closes every connection
	add("tcp", reset)
	add("unix", say(hello))
	add("tcp", each(func(w io.Writer, _ *http.Request) bool { io.WriteString(w, hello); return false }))
	add("tcp", func(c net.Conn) {
		io.WriteString(c, hello) // speaks first
		say(hello)(c)
	})
	l.targets = append(l.targets, ancmbench.Target{Name: "h", Network: "unix", Address: t.TempDir() + "/nobody", Workload: l.targets[0].Workload})
	return l
}

// hangUp closes what the servers have open.
func (l *lives) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.open {
		c.Close()
	}
	l.open = nil
}

// load makes a short load of a byte: which targets, which loop, how many connections.
func (l *lives) load(mask, how byte) ancmbench.Load {
	load := ancmbench.Load{Arrivals: constant(3000), Dealing: ancmbench.Dealing{Kind: ancmbench.Slices, Slice: ancmbench.Seconds(time.Millisecond)},
		Duration: ancmbench.Seconds(3 * time.Millisecond), Connections: 1 + int(how>>4)%3, Timeout: ancmbench.Seconds(20 * time.Second)}
	for i, t := range l.targets {
		if mask&(1<<i) != 0 {
			load.Targets = append(load.Targets, t)
		}
	}
	if len(load.Targets) == 0 {
		load.Targets = l.targets[:1]
	}
	if how&1 != 0 {
		load.Arrivals = closedLoop()
	} else if how&2 != 0 && len(load.Targets) > 1 {
		load.Dealing = ancmbench.Dealing{Kind: ancmbench.Duel}
	}
	return load
}

// whole checks what holds for an engine between two runs: each slot has its
// connection, each connection one owner, and every free one lies where it belongs.
func (e *Engine) whole(t *testing.T) {
	t.Helper()
	for _, s := range e.kept {
		owners := map[*conn]int{}
		for _, p := range s.pools {
			for _, c := range p.conns {
				owners[c]++
				if c.pool != p || c.fd >= 0 && (c.state != idle || c.place >= len(p.idle) || p.idle[c.place] != c) {
					t.Errorf("shard %d: %+v lies in a pool of %d idle ones", s.id, c, len(p.idle))
				}
			}
		}
		for _, c := range s.unowned {
			owners[c]++
			if c.fd >= 0 || c.pool != nil {
				t.Errorf("shard %d: nobody's connection is open: %+v", s.id, c)
			}
		}
		for i, c := range s.conns {
			if c == nil || c.slot != int32(i) || owners[c] != 1 {
				t.Fatalf("shard %d, slot %d: %+v has %d owners", s.id, i, c, owners[c])
			}
		}
	}
}

// live carries out a sequence, two bytes a step, and then a load on the server that is well.
func live(t *testing.T, l *lives, steps []byte) {
	e := &Engine{}
	defer e.Close()
	for i := 0; i+1 < len(steps); i += 2 {
		mask, how := steps[i], steps[i+1]
		e.Shards = 1 + int(how>>6)
		switch how >> 2 & 3 {
		case 0, 1:
			load := l.load(mask, how)
			laws(t, load, carry(t, e, load, nil))
		case 2: // cancelled before, at an edge, or in the middle
			ctx, cancel := context.WithCancel(t.Context())
			load, edges := l.load(mask, how), int(how>>4)%3
			load.Duration = ancmbench.Seconds(time.Minute)
			load.Dealing.Slice = 0
			if edges == 0 {
				cancel()
			}
			res, err := e.Run(ctx, load, func(loadgen.Edge) {
				if edges == 1 {
					cancel()
				} else {
					time.AfterFunc(2*time.Millisecond, cancel)
				}
			})
			cancel()
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("a cancelled run gave %v", err)
			}
			laws(t, load, res)
		case 3:
			if mask&1 != 0 {
				l.hangUp()
				break
			}
			shards := slices.Clone(e.kept)
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			for _, s := range shards {
				if i := slices.IndexFunc(s.conns, func(c *conn) bool { return c.fd >= 0 }); i >= 0 {
					t.Errorf("Close left slot %d of shard %d open", i, s.id)
				}
			}
		}
		e.whole(t)
	}
	load := l.load(1, 0)
	load.Dealing = ancmbench.Dealing{Kind: ancmbench.Single}
	if o := carry(t, e, load, nil)[0].Outcomes; o.OK != 9 {
		t.Errorf("after all that a server that is well gave %+v", o)
	}
	e.whole(t)
}

// lifeSteps are sequences of which one has been seen to panic, and others like it.
var lifeSteps = [][]byte{
	{0b10, 0, 0b1, 0, 0b1, 0b1100, 0b1, 0},           // refused, then well, then Close
	{0b100, 1, 0b1, 1, 0, 0b1100},                    // closes every connection
	{0b1111111, 1, 0b10000, 0x61, 0b11, 0x50, 0, 12}, // all, then few, over shards
	{0b11, 0b1000, 0b11, 0b11000, 0b11, 0b101000, 0b1, 0, 0, 12},
	{0b1000010, 2, 0b1, 0b1100, 0b1000011, 2, 0b1, 0b1100, 0b1, 0},
	{0b11111111, 0xF1, 0b1, 0b1100, 0b10, 0xC9, 0b10001, 0x81, 0, 12, 0b11, 0x20},
}

// TestLife and FuzzLife: whatever comes after what, an engine neither panics nor
// leaks, and serves the next load.
func TestLife(t *testing.T) {
	l := newLives(t)
	for _, steps := range lifeSteps {
		live(t, l, steps)
	}
}

func FuzzLife(f *testing.F) {
	for _, steps := range lifeSteps {
		f.Add(steps)
	}
	l := newLives(f)
	f.Fuzz(func(t *testing.T, steps []byte) {
		live(t, l, steps[:min(len(steps), 24)])
	})
}
