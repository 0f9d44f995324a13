package vegeta

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"ancmbench/loadgen"
)

// resultWriter writes results in vegeta's format on its own goroutine, so that a slow
// writer does not delay requests. Its queue is bounded. If it is full, requests do wait,
// and the lag shows that.
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

// note queues one request as vegeta would, but with our own times.
func (rw *resultWriter) note(number uint64, h *hit, rec loadgen.Record) {
	t := h.call.target
	req := t.requests[h.call.request]
	scheme := req.URL.Scheme + "://"
	// As it is written, because a query or a value of a variable may be a secret.
	path, _, _ := strings.Cut(t.spec.Workload.Requests[t.prepared[h.call.request].Template].Path, "?")
	res := vegeta.Result{
		Attack: t.spec.Name, Seq: number, Code: uint16(rec.Status),
		Timestamp: h.run.began.Add(rec.Due).Round(0), Latency: rec.Done - rec.Due,
		BytesOut: uint64(max(0, req.ContentLength)), BytesIn: uint64(h.bodyBytes),
		Method: req.Method, URL: scheme + req.Host + path,
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
