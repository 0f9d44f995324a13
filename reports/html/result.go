package html

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"ancmbench"
)

// ResultFile is the results file of a run, without the spaces between its fields. A page in
// which it does not fit gets it thinned.
func ResultFile(run *ancmbench.Run) File {
	whole := func(r *ancmbench.Result) *ancmbench.Result { return r }
	return File{Name: ancmbench.ResultFile, Type: "application/json",
		Write: func(w io.Writer) error { return writeRun(w, run, whole) },
		Instead: &File{Name: "result-thinned.json", Type: "application/json",
			Note:  "the same run, but without its single slices, its send lag and what was recorded while targets settled, and with times rounded to 2 %. ancmbench report makes this page of it, too",
			Write: func(w io.Writer) error { return writeRun(w, run, thinned) }}}
}

// writeRun writes a run result by result, so that one that is too large for a page costs
// little.
func writeRun(w io.Writer, run *ancmbench.Run, of func(*ancmbench.Result) *ancmbench.Result) error {
	frame := *run
	frame.Results = nil
	b, err := json.Marshal(&frame)
	if err != nil {
		return err
	}
	before, after, found := bytes.Cut(b, []byte(`"results":null`))
	if !found {
		return fmt.Errorf("the frame of the results file has no place for results")
	}
	if _, err := fmt.Fprintf(w, `%s"results":[`, before); err != nil {
		return err
	}
	for i := range run.Results {
		one, err := json.Marshal(of(&run.Results[i]))
		if err != nil {
			return err
		}
		if i > 0 {
			one = append([]byte(",\n"), one...)
		}
		if _, err := w.Write(one); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w, "]%s\n", after)
	return err
}

// thinned returns a result without what no figure of the page needs, and with the times that
// it keeps to 2 %. That takes a tenth of the room: of a few thousand samples nearly each has
// a bucket of its own otherwise.
func thinned(r *ancmbench.Result) *ancmbench.Result {
	out := *r
	out.Slices = nil
	out.Lag, out.FirstByte, out.SettleResponse, out.SettleService = empty(r.Lag), empty(r.FirstByte), empty(r.SettleResponse), empty(r.SettleService)
	out.Response, out.Service, out.Wait, out.Connect = coarse(r.Response), coarse(r.Service), coarse(r.Wait), coarse(r.Connect)
	return &out
}

func empty(h *ancmbench.Histogram) *ancmbench.Histogram {
	if h == nil {
		return nil
	}
	return new(ancmbench.Histogram)
}

// coarse returns a histogram with 32 buckets to each doubling, and each count in the middle
// of its bucket.
func coarse(h *ancmbench.Histogram) *ancmbench.Histogram {
	if h.Count() == 0 {
		return h
	}
	out := new(ancmbench.Histogram)
	at, sum := time.Duration(-1), int64(0)
	h.Buckets(func(upTo time.Duration, count int64) bool {
		doubling := 0
		for upTo>>doubling >= 64 {
			doubling++
		}
		middle := upTo>>doubling<<doubling + (1<<doubling)/2
		if middle != at && sum > 0 {
			out.RecordN(at, sum)
			sum = 0
		}
		at, sum = middle, sum+count
		return true
	})
	out.RecordN(at, sum)
	out.Compact()
	return out
}
