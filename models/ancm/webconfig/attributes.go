package webconfig

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxRequestTimeout is 360:00:00 (CF-07).
const maxRequestTimeout = 360 * time.Hour

// aspNetCore reads the attributes of an <aspNetCore> that applies. A later element
// overrides only the attributes that it has.
func (p *reader) aspNetCore(e xml.StartElement, t tag) {
	p.element = t.line()
	p.once(t)
	for _, a := range t.unique(e.Attr) {
		if a.Name.Space != "" {
			p.unknown(a, t, "aspNetCore")
		} else if reason, known := p.attribute(a.Name.Local, a.Value); !known {
			p.unknown(a, t, "aspNetCore")
		} else if reason != "" {
			p.faultAt(t.place(a), a.Name.Local, "%s", reason)
		}
	}
}

// once reports a fault if there is a second <aspNetCore> for one path, as IIS does.
func (p *reader) once(t tag) {
	key := "" // outside every <location>
	if len(p.path) > 1 && p.path[1] == "location" {
		key = "location " + p.at
	}
	if first, again := p.given[key]; again {
		p.faultAt(t.line, "", "a second <aspNetCore> for one path; the first is on line %d", first)
		return
	}
	p.given[key] = t.line()
}

// attribute sets one value, and returns the reason if it must be refused. known is
// false if there is no such attribute.
func (p *reader) attribute(name, value string) (reason string, known bool) {
	c := &p.config
	texts := map[string]*string{"processPath": &c.ProcessPath, "arguments": &c.Arguments, "stdoutLogFile": &c.StdoutLogFile}
	if to := texts[name]; to != nil {
		expanded, ok := p.expand(value)
		if !ok {
			return fmt.Sprintf("longer than %d bytes", maxExpanded), true
		}
		*to = expanded
		return "", true
	}
	reason = p.limit(name, value)
	return reason, reason != noSuch
}

// noSuch is the reason that limit returns for an unknown name.
const noSuch = "no such attribute"

func (p *reader) limit(name, value string) (reason string) {
	c := &p.config
	switch name {
	case "hostingModel":
		return p.hostingModel(value)
	case "startupTimeLimit":
		return setSeconds(&c.StartupTimeLimit, value, 3600)
	case "shutdownTimeLimit":
		return setSeconds(&c.ShutdownTimeLimit, value, 600)
	case "rapidFailsPerMinute":
		return setNumber(&c.RapidFailsPerMinute, value, 0, 100)
	case "processesPerApplication":
		return setNumber(&c.ProcessesPerApp, value, 1, 100)
	case "requestTimeout":
		d, ok := parseTimeSpan(value)
		if !ok || d > maxRequestTimeout {
			return fmt.Sprintf("%q: must be hh:mm:ss in whole seconds, from 00:00:00 to 360:00:00", short(value))
		}
		c.RequestTimeout = d
	case "stdoutLogEnabled":
		return setBool(&c.StdoutLogEnabled, value)
	case "forwardWindowsAuthToken":
		return setBool(&c.ForwardWindowsToken, value)
	case "disableStartUpErrorPage":
		return setBool(&c.DisableStartUpError, value)
	default:
		return noSuch
	}
	return ""
}

func (p *reader) hostingModel(value string) string {
	switch strings.ToLower(value) {
	case InProcess, OutOfProcess:
		p.config.HostingModel = strings.ToLower(value)
	default:
		if p.config.ModuleVersion == "v1" { // which does not know the attribute
			p.notice("hostingModel: ignored by the module before ASP.NET Core 2.2 (v1)")
			return ""
		}
		return fmt.Sprintf("%q: must be %s or %s", short(value), InProcess, OutOfProcess)
	}
	return ""
}

func setNumber(to *int, value string, least, most int) string {
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil || int(n) < least || int(n) > most {
		return fmt.Sprintf("%q: must be a whole number from %d to %d", short(value), least, most)
	}
	*to = int(n)
	return ""
}

func setSeconds(to *time.Duration, value string, most int) string {
	n := 0
	if setNumber(&n, value, 0, most) != "" {
		return fmt.Sprintf("%q: must be whole seconds from 0 to %d", short(value), most)
	}
	*to = time.Duration(n) * time.Second
	return ""
}

func setBool(to *bool, value string) string {
	v, ok := parseBool(value)
	if !ok {
		return fmt.Sprintf("%q: must be true or false", short(value))
	}
	*to = v
	return ""
}

func parseBool(value string) (v, ok bool) {
	v = strings.EqualFold(value, "true")
	return v, v || strings.EqualFold(value, "false")
}

// parseTimeSpan reads [d.]hh:mm:ss. Hours may exceed 23 if there are no days.
func parseTimeSpan(s string) (time.Duration, bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return 0, false
	}
	days, hours, dotted := strings.Cut(parts[0], ".")
	if !dotted {
		days, hours = "0", parts[0]
	}
	var n [4]uint64
	for i, text := range []string{days, hours, parts[1], parts[2]} {
		v, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return 0, false
		}
		n[i] = v
	}
	if n[2] > 59 || n[3] > 59 || dotted && n[1] > 23 {
		return 0, false
	}
	seconds := n[0]*86400 + n[1]*3600 + n[2]*60 + n[3] // below 2^33
	if seconds > uint64(math.MaxInt64/time.Second) {
		return 0, false
	}
	return time.Duration(seconds) * time.Second, true
}

// tag is the text of a start tag within the file.
type tag struct {
	p        *reader
	from, to int64
}

func (t tag) line() int { return t.p.text.line(t.from) }

func (t tag) place(a xml.Attr) func() int { return func() int { return t.lineOf(a) } }

// lineOf finds the line on which an attribute's name stands.
func (t tag) lineOf(a xml.Attr) int {
	data := t.p.text.raw
	text := data[t.from:min(int(t.to), len(data))]
	var quote byte
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case isSpace(text[i-1]) && bytes.HasPrefix(text[i:], []byte(a.Name.Local)) && named(text[i+len(a.Name.Local):]):
			return t.p.text.line(t.from + int64(i))
		}
	}
	return t.line()
}

// named reports whether what follows an attribute's name is the equals sign.
func named(rest []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte("="))
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// unique returns attrs without duplicates, and reports a fault for each duplicate: XML
// forbids them (XML 1.0, 3.1) and the decoder accepts them.
func (t tag) unique(attrs []xml.Attr) []xml.Attr {
	seen := map[xml.Name]bool{}
	out := attrs[:0:0]
	for _, a := range attrs {
		if seen[a.Name] {
			t.p.faultAt(t.place(a), a.Name.Local, "given twice")
			continue
		}
		seen[a.Name] = true
		out = append(out, a)
	}
	return out
}
