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
const LogFields = "#Fields: date time c-ip cs-username cs-method cs-uri-stem cs-uri-query sc-status sc-substatus sc-bytes time-taken\n"

// RequestLog writes a line per exchange, status and sub-status together (BM-02).
// Its method Log is an httpsys.Options.Log, so what the front refuses by itself
// is there too. It must not be copied.
type RequestLog struct {
	// W gets every line in one Write.
	W io.Writer
	// Failed is told once of the first write that fails; nothing is written
	// afterwards. If nil, nobody is told.
	Failed func(error)

	mu     sync.Mutex
	line   []byte
	failed bool
}

// Log writes the line of one exchange that is over.
func (l *RequestLog) Log(x *httpsys.Exchange, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed {
		return
	}
	l.line = appendLine(l.line[:0], x, took)
	if _, err := l.W.Write(l.line); err != nil {
		l.failed = true
		if l.Failed != nil {
			l.Failed(fmt.Errorf("request log: %w", err))
		}
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
	return append(b, '\n')
}

// appendColumn keeps a column one column, whatever a client sent.
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
