package ancm

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

// aspNetCore reads the attributes of an <aspNetCore> that applies; one further
// down overrides only what it names.
func (p *webConfigReader) aspNetCore(e xml.StartElement, t tag) {
	p.element = t.line()
	for _, a := range t.unique(e.Attr) {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
			continue
		}
		if reason := p.attribute(a.Name.Local, a.Value); reason != "" {
			p.fault(t.lineOf(a), a.Name.Local, "%s", reason)
		}
	}
}

// attribute sets one value and gives the reason why it is refused.
func (p *webConfigReader) attribute(name, value string) (reason string) {
	c := &p.config
	switch name {
	case "processPath":
		c.ProcessPath = p.expand(value)
	case "arguments":
		c.Arguments = p.expand(value)
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
			return fmt.Sprintf("%q: must be hh:mm:ss in whole seconds, from 00:00:00 to 360:00:00", value)
		}
		c.RequestTimeout = d
	case "stdoutLogEnabled":
		return setBool(&c.StdoutLogEnabled, value)
	case "stdoutLogFile":
		c.StdoutLogFile = p.expand(value)
	case "forwardWindowsAuthToken":
		return setBool(&c.ForwardWindowsToken, value)
	case "disableStartUpErrorPage":
		return setBool(&c.DisableStartUpError, value)
	default:
		return "unknown in <aspNetCore>"
	}
	return ""
}

func (p *webConfigReader) hostingModel(value string) string {
	switch strings.ToLower(value) {
	case InProcessModel, OutOfProcessModel:
		p.config.HostingModel = strings.ToLower(value)
	default:
		if p.config.ModuleVersion == "v1" { // which does not know the attribute
			p.notices = append(p.notices, "hostingModel: ignored by the module before ASP.NET Core 2.2 (v1)")
			return ""
		}
		return fmt.Sprintf("%q: must be %s or %s", value, InProcessModel, OutOfProcessModel)
	}
	return ""
}

func setNumber(to *int, value string, least, most int) string {
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil || int(n) < least || int(n) > most {
		return fmt.Sprintf("%q: must be a whole number from %d to %d", value, least, most)
	}
	*to = int(n)
	return ""
}

func setSeconds(to *time.Duration, value string, most int) string {
	n := 0
	if setNumber(&n, value, 0, most) != "" {
		return fmt.Sprintf("%q: must be whole seconds from 0 to %d", value, most)
	}
	*to = time.Duration(n) * time.Second
	return ""
}

func setBool(to *bool, value string) string {
	v, ok := parseBool(value)
	if !ok {
		return fmt.Sprintf("%q: must be true or false", value)
	}
	*to = v
	return ""
}

func parseBool(value string) (v, ok bool) {
	v = strings.EqualFold(value, "true")
	return v, v || strings.EqualFold(value, "false")
}

// parseTimeSpan reads [d.]hh:mm:ss; hours beyond 23 are taken without days.
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
	p        *webConfigReader
	from, to int64
}

func (t tag) line() int { return t.p.line(t.from) }

// lineOf finds the line on which an attribute's name stands.
func (t tag) lineOf(a xml.Attr) int {
	text := t.p.data[t.from:min(int(t.to), len(t.p.data))]
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
			return t.p.line(t.from + int64(i))
		}
	}
	return t.line()
}

// named reports whether what follows an attribute's name is the equals sign.
func named(rest []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte("="))
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// unique reports attributes given twice, which XML forbids and the decoder lets
// pass (XML 1.0, 3.1), and gives the rest.
func (t tag) unique(attrs []xml.Attr) []xml.Attr {
	seen := map[xml.Name]bool{}
	out := attrs[:0:0]
	for _, a := range attrs {
		if seen[a.Name] {
			t.p.fault(t.lineOf(a), a.Name.Local, "given twice")
			continue
		}
		seen[a.Name] = true
		out = append(out, a)
	}
	return out
}
