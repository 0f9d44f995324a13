package vegeta

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"ancmbench/loadgen"
)

// resultWriter writes vegeta's own results, on a goroutine of its own: a slow
// writer must not hold up the attacker's workers. Its queue is bounded, and when
// it is full the workers do wait, and the lag shows it.
type resultWriter struct {
	queue chan vegeta.Result
	done  chan error
}

const resultQueue = 1 << 16

func newResultWriter(w io.Writer) *resultWriter {
	rw := &resultWriter{queue: make(chan vegeta.Result, resultQueue), done: make(chan error, 1)}
	go func() {
		b := bufio.NewWriterSize(w, 1<<16)
		encode := vegeta.NewEncoder(b)
		var errs error
		for res := range rw.queue {
			if errs == nil {
				errs = encode(&res)
			}
		}
		rw.done <- errors.Join(errs, b.Flush())
	}()
	return rw
}

// note files one request as vegeta would, but with the instants that we know.
func (rw *resultWriter) note(number uint64, h *hit, rec loadgen.Record) {
	t := h.call.target
	req := t.requests[h.call.request]
	scheme := req.URL.Scheme + "://"
	res := vegeta.Result{
		Attack: t.spec.Name, Seq: number, Code: uint16(rec.Status),
		Timestamp: h.run.began.Add(rec.Due).Round(0), Latency: rec.Done - rec.Due,
		BytesOut: uint64(max(0, req.ContentLength)), BytesIn: uint64(h.bodyBytes),
		Method: req.Method, URL: scheme + req.Host + t.spec.Workload.Requests[h.call.request].Path,
	}
	if rec.Outcome != loadgen.OK {
		res.Error = rec.Outcome.String()
	}
	rw.queue <- res
}

// close waits until all is written.
func (rw *resultWriter) close() error {
	close(rw.queue)
	if err := <-rw.done; err != nil {
		return fmt.Errorf("vegeta results: %w", err)
	}
	return nil
}
