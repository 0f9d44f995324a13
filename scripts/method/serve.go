package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// serveEnv makes this program a server, one of
//
//	plain            answers at once
//	queue:D:LAW      one worker behind a queue; service time D, "constant" or "exponential"
//	burn             /burn/N: answers at once, and while requests come and 150 ms longer
//	                 uses N hundredths of a core
//	slow             100 us of work per request, 200 in the first 8 s
const serveEnv = "METHOD_SERVE"

func serve(port, what string) error {
	mux := http.NewServeMux()
	kind, rest, _ := strings.Cut(what, ":")
	switch kind {
	case "plain":
		mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { answer(w) })
	case "queue":
		word, law, _ := strings.Cut(rest, ":")
		mean, err := time.ParseDuration(word)
		if err != nil {
			return err
		}
		q := newQueue(mean, law)
		mux.HandleFunc("/reset", func(w http.ResponseWriter, _ *http.Request) { q.drawn.Store(0); answer(w) })
		mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { q.wait(); answer(w) })
	case "burn":
		b := &burner{wake: make(chan struct{}, 1)}
		go b.run()
		mux.HandleFunc("/burn/{percent}", b.answer)
		mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { answer(w) })
	case "slow":
		began := time.Now()
		mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
			work := 100 * time.Microsecond
			if time.Since(began) < 8*time.Second {
				work *= 2
			}
			spinUntil(time.Now().Add(work))
			answer(w)
		})
	default:
		return fmt.Errorf("%s=%q: no such server", serveEnv, what)
	}
	return http.ListenAndServe(net.JoinHostPort("127.0.0.1", port), mux)
}

func answer(w http.ResponseWriter) {
	w.Header().Set("Content-Length", "5")
	_, _ = w.Write([]byte("hello")) // who has gone shows on the generator's side
}

// pause waits for d: the service time of this script's servers.
func pause(d time.Duration) {
	if d > 0 {
		<-time.After(d)
	}
}

func spinUntil(at time.Time) {
	for time.Now().Before(at) {
	}
}

// queue is one worker: answers leave in the order in which requests came, each its
// service time after the later of its arrival and the answer before it. Instants
// are kept, not waits, so that waking late does not add up.
type queue struct {
	jobs  chan job
	drawn atomic.Uint64
}

type job struct {
	came time.Time
	done chan struct{}
}

func newQueue(mean time.Duration, law string) *queue {
	q := &queue{jobs: make(chan job, 100_000)}
	go func() {
		var free time.Time
		for j := range q.jobs {
			if free.Before(j.came) {
				free = j.came
			}
			free = free.Add(serviceTime(mean, law, q.drawn.Add(1)-1))
			// A timer of an idle process is up to 1 ms late.
			pause(time.Until(free) - 1200*time.Microsecond)
			spinUntil(free)
			close(j.done)
		}
	}()
	return q
}

func (q *queue) wait() {
	j := job{came: time.Now(), done: make(chan struct{})}
	q.jobs <- j
	<-j.done
}

// serviceTime returns the service time of request n since the last reset. It is the same
// in each design, so that a difference comes from the design.
func serviceTime(mean time.Duration, law string, n uint64) time.Duration {
	if law == constantLaw {
		return mean
	}
	return time.Duration(float64(mean) * rand.New(rand.NewPCG(7, n)).ExpFloat64())
}

const (
	constantLaw    = "constant"
	exponentialLaw = "exponential"
)

// burner works on after its answers, as a collector or a logger does, in
// bursts of half a millisecond, for workOn longer; at rest it does nothing at all.
type burner struct {
	until  atomic.Int64  // Unix ns
	period atomic.Int64  // ns from burst to burst; 0 is rest
	wake   chan struct{} // holds one
}

const (
	burst  = 500 * time.Microsecond
	workOn = 150 * time.Millisecond
)

func (b *burner) answer(w http.ResponseWriter, r *http.Request) {
	percent, err := strconv.ParseFloat(r.PathValue("percent"), 64)
	if err != nil || !(percent >= 0 && percent <= 100) {
		http.Error(w, "0 to 100", http.StatusBadRequest)
		return
	}
	period := int64(0)
	if percent > 0 {
		period = int64(float64(burst) * 100 / percent)
	}
	b.period.Store(period)
	b.until.Store(time.Now().Add(workOn).UnixNano())
	if period > 0 {
		select {
		case b.wake <- struct{}{}:
		default:
		}
	}
	answer(w)
}

func (b *burner) run() {
	for range b.wake {
		for n := b.period.Load(); n > 0 && time.Now().UnixNano() < b.until.Load(); n = b.period.Load() {
			began := time.Now()
			spinUntil(began.Add(burst))
			pause(time.Until(began.Add(time.Duration(n))))
		}
	}
}
