package native

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"ancmbench/models/httpsys"
)

// LogFields names the columns of a RequestLog, as W3C extended log files of IIS
// do: times in UTC, sc-bytes are those of the body, time-taken is in milliseconds.
// s-reason is from the logs of HTTP.sys: why the front refused a request, or which
// kind of 502.3 it was.
const LogFields = "#Fields: date time c-ip cs-username cs-method cs-uri-stem cs-uri-query sc-status sc-substatus sc-bytes time-taken s-reason\n"

// RequestLog writes a line per exchange, with status and sub-status (BM-02). Its method
// Log is an httpsys.Options.Log, so that the log also has what the front refuses by
// itself. It must not be copied.
type RequestLog struct {
	// W gets every line in one Write.
	W io.Writer
	// Failed, if not nil, is called with the error of the first write that fails, and
	// again after one has succeeded. Lines that cannot be written are counted.
	Failed func(error)
	// Resumed, if not nil, is called with the number of lines that were lost, when a
	// line could be written again. The log then has a comment with that number.
	Resumed func(lost int64)

	mu   sync.Mutex
	line []byte
	lost int64
	torn bool      // the file ends in the middle of a line
	next time.Time // before which nothing is tried again
}

// retryEvery is the time between two attempts to write to a log that cannot be written:
// an attempt costs a request a system call.
const retryEvery = 100 * time.Millisecond

// Log writes the line of one exchange that is over.
func (l *RequestLog) Log(x *httpsys.Exchange, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	failing := l.lost > 0
	if failing && time.Now().Before(l.next) {
		l.lost++
		return
	}
	l.line = l.line[:0]
	if l.torn {
		l.line = append(l.line, '\n')
	}
	if failing {
		l.line = fmt.Appendf(l.line, "#Remark: %d lines were lost before this one\n", l.lost)
	}
	l.line = appendLine(l.line, x, took)
	n, err := l.W.Write(l.line)
	if err == nil {
		lost := l.lost
		l.lost, l.torn = 0, false
		if failing && l.Resumed != nil {
			l.Resumed(lost)
		}
		return
	}
	l.lost++
	l.next = time.Now().Add(retryEvery)
	if n > 0 {
		l.torn = l.line[n-1] != '\n'
	}
	if !failing && l.Failed != nil {
		l.Failed(fmt.Errorf("request log: %w", err))
	}
}

func appendLine(b []byte, x *httpsys.Exchange, took time.Duration) []byte {
	b = x.Start.UTC().AppendFormat(b, "2006-01-02 15:04:05")
	ip := string(x.Client)
	if host, _, err := net.SplitHostPort(ip); err == nil {
		ip = host
	}
	stem, query, _ := strings.Cut(string(x.Target), "?")
	for _, column := range []string{ip, x.User, string(x.Method), stem, query} {
		b = appendColumn(append(b, ' '), column)
	}
	for _, n := range []int64{int64(x.Status()), int64(x.Substatus()), x.Sent(), took.Milliseconds()} {
		b = strconv.AppendInt(append(b, ' '), n, 10)
	}
	b = appendColumn(append(b, ' '), x.Reasoned())
	return append(b, '\n')
}

// appendColumn appends a value in a form that stays one column, whatever a client sent.
func appendColumn(b []byte, s string) []byte {
	if s == "" {
		return append(b, '-')
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			b = append(b, '+')
		case c < ' ' || c >= 0x7f:
			b = append(b, '?')
		default:
			b = append(b, c)
		}
	}
	return b
}
