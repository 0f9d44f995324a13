package webconfig

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"ancmbench"
)

// Reader reads the <aspNetCore> element of a web.config (CF). The zero value reads the
// element that applies to the site itself.
type Reader struct {
	// Location is the path of the application within the site, as in
	// <location path="...">; empty or "." is the site itself.
	Location string
	// Module is "v1" or "v2"; empty means v2 (CF-14).
	Module string
	// Lookup returns the value of a variable for %NAME%. If nil, the environment of
	// this process is used, and case does not matter in names, as on Windows.
	Lookup func(name string) (string, bool)
}

// Error is one fault of a web.config.
type Error struct {
	File string
	Line int
	// Attribute is empty if the fault is not one of an attribute.
	Attribute string
	Reason    string
}

func (e *Error) Error() string {
	if e.Attribute == "" {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s: %s", e.File, e.Line, e.Attribute, e.Reason)
}

// ReadFile reads the web.config at path, whose folder is the app's. It returns and
// fails as Read does, and fails if the file cannot be read.
func (w Reader) ReadFile(path string) (Config, []string, error) {
	data, err := ancmbench.ReadWhole(path, maxFile)
	if err != nil {
		return Config{}, nil, err
	}
	c, notices, err := w.Read(path, bytes.NewReader(data))
	if err != nil {
		return Config{}, nil, err
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return Config{}, nil, err
	}
	c.PhysicalPath = dir
	return c, notices, nil
}

// Read reads a web.config, which errors call name. It returns the Config, and notices
// of what is accepted and has no effect here. Its error joins an *Error for each fault,
// up to twenty.
func (w Reader) Read(name string, r io.Reader) (Config, []string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return Config{}, nil, fmt.Errorf("%s: %w", name, err)
	}
	p := &reader{opt: w, file: name, config: Default(), given: map[string]int{}}
	p.clear("environmentVariables")
	p.clear("handlerSettings")
	if w.Module != "" {
		p.config.ModuleVersion = w.Module
	}
	text, err := decodeConfig(data)
	p.text = text
	switch {
	case err != nil:
		p.fault(1, "", "%v", err)
	case len(data) > maxFile:
		p.fault(1, "", "longer than %d bytes", maxFile)
	case w.Module != "" && w.Module != "v1" && w.Module != "v2":
		p.fault(1, "", "module %q: must be v1 or v2", w.Module)
	default:
		p.read()
	}
	if err := p.faults.Err(); err != nil {
		return Config{}, nil, err
	}
	if p.unsaid > 0 {
		p.notices = append(p.notices, fmt.Sprintf("and %d more", p.unsaid))
	}
	return p.config, p.notices, nil
}

// Bounds of a web.config. IIS itself refuses one of more than 250 kB.
const (
	maxFile       = 1 << 20 // bytes
	maxNested     = 128     // elements in one another
	maxElements   = 100_000
	maxAttributes = 1000 // of one element
	maxVariables  = 4096 // for the app
)

// reader is the state of one reading of a file. It finds lines by offsets in the text,
// because the decoder only knows where a tag ends.
type reader struct {
	opt         Reader
	file        string
	text        configText
	environment anyCase
	config      Config
	notices     []string
	unsaid      int // notices beyond those that are said
	faults      ancmbench.FaultList
	element     int             // line of the last <aspNetCore> that applies; 0 before
	given       map[string]int  // line of the <aspNetCore> of each <location>
	variables   map[string]int  // the place in Environment of each name, in small letters
	settings    map[string]bool // handlerSettings, in small letters
	elements    int
	path        []string
	applies     []bool // for each open <location>
	at          string // path of the open <location>
	isTransform bool   // and no web.config; said already
}

func (p *reader) fault(line int, attribute, format string, args ...any) {
	p.faultAt(func() int { return line }, attribute, format, args...)
}

// faultAt adds a fault. It calls line only for a fault that will be shown: finding a
// line takes time, and there may be a hundred thousand faults.
func (p *reader) faultAt(line func() int, attribute, format string, args ...any) {
	e := &Error{File: p.file, Attribute: short(attribute)}
	if p.faults.Len() < ancmbench.MaxFaults {
		e.Line, e.Reason = line(), short300(fmt.Sprintf(format, args...))
	}
	p.faults.Add(e)
}

// notice adds a notice of something that is accepted and has no effect. Only the first
// ones are kept, as of faults.
func (p *reader) notice(format string, args ...any) {
	if len(p.notices) == ancmbench.MaxFaults {
		p.unsaid++
		return
	}
	p.notices = append(p.notices, short300(fmt.Sprintf(format, args...)))
}

func short(s string) string    { return cut(s, 60) }
func short300(s string) string { return cut(s, 300) }

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

func (p *reader) read() {
	d := xml.NewDecoder(bytes.NewReader(p.text.parsed))
	d.CharsetReader = p.charset
	for {
		at := d.InputOffset()
		t, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			var syntax *xml.SyntaxError
			if errors.As(err, &syntax) {
				p.fault(syntax.Line, "", "%s", syntax.Msg)
			} else {
				p.fault(p.text.line(d.InputOffset()), "", "%v", strings.TrimPrefix(err.Error(), "xml: "))
			}
			return
		}
		if !p.token(t, tag{p, at, d.InputOffset()}) {
			return
		}
	}
	p.complete()
}

// charset accepts the declared encoding of a text that was decoded to UTF-8 before. It
// fails if the declaration does not fit the text.
func (p *reader) charset(name string, r io.Reader) (io.Reader, error) {
	if p.text.wide && strings.HasPrefix(strings.ToLower(name), "utf-16") {
		return r, nil
	}
	return nil, fmt.Errorf("encoding %s: only UTF-8, and UTF-16 with its byte order mark, are read", short(name))
}

// token reads one token of the file, and reports whether to go on.
func (p *reader) token(t xml.Token, at tag) bool {
	outside := len(p.path) == 0
	switch t := t.(type) {
	case xml.ProcInst:
		if t.Target == "xml" && at.from > 0 {
			p.fault(at.line(), "", "the XML declaration must be the first thing in the file")
		}
	case xml.CharData:
		if outside && len(bytes.TrimSpace(t)) > 0 {
			p.fault(at.line()+bytes.Count(t[:len(t)-len(bytes.TrimLeft(t, " \t\n"))], []byte("\n")), "", "text outside the root element")
		}
	case xml.StartElement:
		p.elements++
		switch {
		case outside && p.elements > 1:
			p.fault(at.line(), "", "a second root element <%s>", short(t.Name.Local))
		case len(p.path) == maxNested:
			p.fault(at.line(), "", "elements are nested deeper than %d", maxNested)
			return false
		case p.elements > maxElements:
			p.fault(at.line(), "", "more than %d elements", maxElements)
			return false
		case len(t.Attr) > maxAttributes:
			p.fault(at.line(), "", "<%s> has %d attributes, and an element may have %d", short(t.Name.Local), len(t.Attr), maxAttributes)
			return false
		}
		p.start(t, at)
	case xml.EndElement:
		p.end(t.Name.Local)
	}
	return true
}

// complete checks the rules that concern the whole file.
func (p *reader) complete() {
	if p.element == 0 {
		p.fault(1, "", "no <aspNetCore> element applies to %s (configuration/system.webServer/aspNetCore, also under <location>)", p.where())
		return
	}
	c := &p.config
	if c.ModuleVersion == "v1" && c.HostingModel == InProcess {
		p.notice("hostingModel: ignored, the module before ASP.NET Core 2.2 (v1) is out-of-process only")
		c.HostingModel = OutOfProcess
	}
	p.others()
	if c.HostingModel == OutOfProcess && c.ProcessPath == "" {
		p.fault(p.element, "processPath", "required out-of-process, and must not be empty")
	}
	p.launcher()
	p.paths()
}

// launcher takes the program from ANCM_LAUNCHER_PATH and ANCM_LAUNCHER_ARGS, if they
// are set, in place of what the file says. The module does so for development tools.
func (p *reader) launcher() {
	if p.config.ModuleVersion == "v1" {
		return
	}
	for _, l := range []struct {
		name, attribute string
		to              *string
	}{{"ANCM_LAUNCHER_PATH", "processPath", &p.config.ProcessPath}, {"ANCM_LAUNCHER_ARGS", "arguments", &p.config.Arguments}} {
		if value, ok := p.lookup(l.name); ok && value != "" {
			*l.to = value
			p.notice("%s: is that of %s in the environment", l.attribute, l.name)
		}
	}
}

// paths gives notice of paths that cannot exist on this system.
func (p *reader) paths() {
	c := &p.config
	tell := func(attribute, path, so string) {
		if _, err := localPath(path); err != nil {
			p.notice("%s: %v, so %s", attribute, err, so)
		}
	}
	tell("processPath", c.programPath(), "it cannot be started")
	if c.StdoutLogEnabled {
		tell("stdoutLogFile", c.StdoutLogFile, "no log is written")
	}
	tell("debugFile", c.DebugFile, "no log is written")
}

func (p *reader) where() string {
	if l := normalLocation(p.opt.Location); l != "" {
		return "location " + l
	}
	return "the site"
}

func normalLocation(path string) string {
	path = strings.Trim(strings.ReplaceAll(path, `\`, "/"), "/")
	if path == "." {
		return ""
	}
	return strings.ToLower(path)
}

// start reads the start tag of an element.
func (p *reader) start(e xml.StartElement, t tag) {
	name := e.Name.Local
	p.path = append(p.path, name)
	p.transform(e, t)
	if name == "location" && len(p.path) == 2 {
		p.applies = append(p.applies, p.location(e))
		return
	}
	path := p.path
	if len(path) > 6 {
		return // nothing of ours is that deep
	}
	if len(path) > 1 && path[1] == "location" {
		if len(p.applies) > 0 && !p.applies[len(p.applies)-1] {
			if strings.Join(path[2:], "/") == "system.webServer/aspNetCore" {
				p.once(t)
				p.otherApp(p.at, attribute(e, "hostingModel"))
			}
			return
		}
		path = append([]string{path[0]}, path[2:]...)
	}
	switch at := strings.Join(path, "/"); {
	case at == "configuration/system.webServer/aspNetCore":
		p.aspNetCore(e, t)
	case strings.HasPrefix(at, "configuration/system.webServer/aspNetCore/"):
		p.inside(path[3:], e, t)
	case strings.EqualFold(name, "aspNetCore") && len(path) <= 3:
		p.faultAt(t.line, "", "<%s> at %s: must be <aspNetCore> in configuration/system.webServer", name, short(at))
	default:
		p.beside(path[1:], e, t)
	}
}

// location reports whether a <location> applies: its path is the application's, or it
// is above that and inherited.
func (p *reader) location(e xml.StartElement) bool {
	own, path, inherits := normalLocation(p.opt.Location), "", true
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "path":
			path = normalLocation(a.Value)
		case "inheritInChildApplications":
			inherits = !strings.EqualFold(a.Value, "false")
		}
	}
	p.at = path
	if path == own {
		return true
	}
	return inherits && (path == "" || strings.HasPrefix(own, path+"/"))
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (p *reader) end(name string) {
	if name == "location" && len(p.path) == 2 && len(p.applies) > 0 {
		p.applies = p.applies[:len(p.applies)-1]
	}
	p.path = p.path[:len(p.path)-1]
}
