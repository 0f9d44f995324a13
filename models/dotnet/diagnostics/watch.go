package diagnostics

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// provider is whose counters are read.
const provider = "System.Runtime"

// Counters of System.Runtime.
const (
	// CompiledMethods is how many methods were compiled so far, each step of a method's
	// life counted.
	CompiledMethods = "methods-jitted-count"
	// HeapMB is the size of the managed heap in units of 10^6 bytes.
	HeapMB = "gc-heap-size"
	// CommittedMB is what the collector holds of the system's memory, in the same units.
	CommittedMB = "gc-committed"
)

// Watch is a session in which a runtime sends its counters again and again. The caller
// must close it. Its methods are safe for concurrent use.
type Watch struct {
	port    Port
	session uint64
	conn    net.Conn
	over    chan struct{}

	mu     sync.Mutex
	values map[string]float64
	rounds map[string]int // how often each has come
	fresh  chan struct{}  // closed and made anew when a counter comes
	err    error          // why the session is over
}

// Watch begins a session: about once in every interval the runtime sends all counters of
// System.Runtime. It fails if the runtime does not begin one before ctx ends.
func (p Port) Watch(ctx context.Context, interval time.Duration) (*Watch, error) {
	var b []byte
	b = binary.LittleEndian.AppendUint32(b, 16) // MB of buffer
	b = binary.LittleEndian.AppendUint32(b, 1)  // the format Nettrace
	b = append(b, 0)                            // without the list of all methods at the end
	b = binary.LittleEndian.AppendUint32(b, 1)  // one provider
	b = binary.LittleEndian.AppendUint64(b, 0)
	b = binary.LittleEndian.AppendUint32(b, 4) // informational
	b = appendCounted(b, provider)
	b = appendCounted(b, fmt.Sprintf("EventCounterIntervalSec=%g", interval.Seconds()))
	answer, conn, err := p.call(ctx, collectTracing, b)
	if err != nil {
		return nil, err
	}
	if len(answer) != 8 {
		return nil, errors.Join(fmt.Errorf("diagnostics port of process %d: a session without a number", p.PID), conn.Close())
	}
	w := &Watch{port: p, session: binary.LittleEndian.Uint64(answer), conn: conn, over: make(chan struct{}),
		values: map[string]float64{}, rounds: map[string]int{}, fresh: make(chan struct{})}
	go w.listen()
	return w, nil
}

// listen reads the session until it ends.
func (w *Watch) listen() {
	defer close(w.over)
	s := &stream{in: bufio.NewReader(w.conn), events: map[uint32]description{}, counter: w.take}
	err := s.read()
	if err == nil {
		err = errors.New("the runtime has ended the session")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = fmt.Errorf("counters of process %d: %w", w.port.PID, err)
	close(w.fresh)
}

func (w *Watch) take(name string, value float64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.values[name] = value
	w.rounds[name]++
	close(w.fresh)
	w.fresh = make(chan struct{})
}

// Next waits until the counter comes anew and returns its value. It fails when the session
// or ctx ends before.
func (w *Watch) Next(ctx context.Context, name string) (float64, error) {
	w.mu.Lock()
	before := w.rounds[name]
	for w.err == nil {
		if w.rounds[name] > before {
			defer w.mu.Unlock()
			return w.values[name], nil
		}
		fresh := w.fresh
		w.mu.Unlock()
		select {
		case <-fresh:
		case <-ctx.Done():
			return 0, fmt.Errorf("counter %s of process %d: %w", name, w.port.PID, context.Cause(ctx))
		}
		w.mu.Lock()
	}
	defer w.mu.Unlock()
	return 0, w.err
}

// Latest returns the value that a counter had last, and false if it has not come yet.
func (w *Watch) Latest(name string) (float64, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v, ok := w.values[name]
	return v, ok
}

// stopBound is how long a runtime may take to end a session.
const stopBound = 2 * time.Second

// Close ends the session and returns when nothing of it is left here.
func (w *Watch) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), stopBound)
	defer cancel()
	// The runtime sends what it still has and ends the stream. If it does not, or has
	// gone, closing the connection ends the session as well.
	if _, conn, err := w.port.call(ctx, stopTracing, binary.LittleEndian.AppendUint64(nil, w.session)); err == nil {
		_ = conn.Close()
		select {
		case <-w.over:
		case <-ctx.Done():
		}
	}
	_ = w.conn.Close()
	<-w.over
}

// Read asks for counters once. It fails if one of them does not come before ctx ends.
func (p Port) Read(ctx context.Context, names ...string) (map[string]float64, error) {
	w, err := p.Watch(ctx, 50*time.Millisecond)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	out := map[string]float64{}
	for _, name := range names {
		v, ok := w.Latest(name)
		for !ok {
			_, err := w.Next(ctx, name)
			if v, ok = w.Latest(name); !ok && err != nil { // it may have come before the session ended
				return nil, err
			}
		}
		out[name] = v
	}
	return out, nil
}
