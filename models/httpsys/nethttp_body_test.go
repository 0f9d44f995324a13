package httpsys

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// deadlines is a ResponseWriter whose deadline somebody else sets as well.
type deadlines struct {
	http.ResponseWriter
	before func()
	last   time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error {
	if before := d.before; before != nil {
		d.before = nil
		before()
	}
	d.last = at
	return nil
}

// A StopBody between the moment when ReadBody looks at the clock and the one when
// it sets its deadline is not undone by it.
func TestStopBodyWins(t *testing.T) {
	r, err := http.NewRequest(http.MethodPost, "/", io.NopCloser(strings.NewReader("abc")))
	if err != nil {
		t.Fatal(err)
	}
	d := new(deadlines)
	e := &netExchange{w: d, r: r, front: &netFront{o: Options{IdleTimeout: time.Hour}}}
	d.before = e.stopBody
	if _, err := e.readBody(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if d.last.After(time.Now()) {
		t.Errorf("a body that nobody wants is waited for until %v", d.last)
	}
}
