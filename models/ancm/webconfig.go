package ancm

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// maxWebConfig is the size of a web.config beyond which it is refused, in bytes.
const maxWebConfig = 1 << 20

// WebConfig reads the <aspNetCore> element as users have it (HOSTING.md, CF).
// The zero value reads what applies to the site itself.
type WebConfig struct {
	// Location is the path of the application within the site, as in
	// <location path="...">; empty or "." is the site itself.
	Location string
	// Module is "v1" or "v2"; empty means v2 (CF-14).
	Module string
	// Lookup gives the environment for %NAME%; nil means os.LookupEnv.
	Lookup func(name string) (string, bool)
}

// WebConfigError is one fault of a web.config.
type WebConfigError struct {
	File string
	Line int
	// Attribute is empty if the fault is not one of an attribute.
	Attribute string
	Reason    string
}

func (e *WebConfigError) Error() string {
	if e.Attribute == "" {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s: %s", e.File, e.Line, e.Attribute, e.Reason)
}

// ReadFile reads a web.config; the app's folder is the one it lies in.
func (w WebConfig) ReadFile(path string) (Config, []string, error) {
	f, err := os.Open(path)
	if err != nil {
		return Config{}, nil, err
	}
	defer f.Close()
	c, notices, err := w.Read(path, f)
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

// Read reads a web.config that is called name in errors. Notices tell what is
// accepted and has no effect here. An error joins a *WebConfigError per fault;
// then nothing of the file may be used.
func (w WebConfig) Read(name string, r io.Reader) (Config, []string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxWebConfig+1))
	if err != nil {
		return Config{}, nil, fmt.Errorf("%s: %w", name, err)
	}
	p := &webConfigReader{opt: w, file: name, config: DefaultConfig(), data: data}
	p.config.HandlerSettings = map[string]string{}
	if w.Module != "" {
		p.config.ModuleVersion = w.Module
	}
	if p.opt.Lookup == nil {
		p.opt.Lookup = os.LookupEnv
	}
	switch {
	case len(data) > maxWebConfig:
		p.fault(1, "", "longer than %d bytes", maxWebConfig)
	case w.Module != "" && w.Module != "v1" && w.Module != "v2":
		p.fault(1, "", "module %q: must be v1 or v2", w.Module)
	default:
		p.read()
	}
	if len(p.faults) > 0 {
		return Config{}, nil, errors.Join(p.faults...)
	}
	return p.config, p.notices, nil
}

// webConfigReader goes through the file once. Offsets in data give the lines:
// the decoder itself only knows where a tag ends.
type webConfigReader struct {
	opt     WebConfig
	file    string
	data    []byte
	config  Config
	notices []string
	faults  []error

	element int // line of the last <aspNetCore> that applies; 0 before
	path    []string
	applies []bool // for each open <location>
	at      string // path of the open <location>

	isTransform bool // and no web.config; said already
}

func (p *webConfigReader) fault(line int, attribute, format string, args ...any) {
	p.faults = append(p.faults, &WebConfigError{p.file, line, attribute, fmt.Sprintf(format, args...)})
}

func (p *webConfigReader) line(offset int64) int {
	return 1 + bytes.Count(p.data[:min(int(offset), len(p.data))], []byte("\n"))
}

func (p *webConfigReader) read() {
	p.data = bytes.TrimPrefix(p.data, []byte("\xef\xbb\xbf"))
	d := xml.NewDecoder(bytes.NewReader(p.data))
	d.CharsetReader = func(charset string, _ io.Reader) (io.Reader, error) {
		return nil, fmt.Errorf("encoding %s: must be UTF-8", charset)
	}
	for {
		at := d.InputOffset()
		t, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			line := p.line(d.InputOffset())
			var syntax *xml.SyntaxError
			if errors.As(err, &syntax) {
				p.fault(syntax.Line, "", "%s", syntax.Msg)
			} else {
				p.fault(line, "", "%v", strings.TrimPrefix(err.Error(), "xml: "))
			}
			return
		}
		switch t := t.(type) {
		case xml.StartElement:
			p.start(t, tag{p, at, d.InputOffset()})
		case xml.EndElement:
			p.end(t.Name.Local)
		}
	}
	p.complete()
}

// complete checks what only the whole tells.
func (p *webConfigReader) complete() {
	if p.element == 0 {
		p.fault(1, "", "no <aspNetCore> element applies to %s (configuration/system.webServer/aspNetCore, also under <location>)", p.where())
		return
	}
	c := &p.config
	if c.ModuleVersion == "v1" && c.HostingModel == InProcessModel {
		p.notices = append(p.notices, "hostingModel: ignored, the module before ASP.NET Core 2.2 (v1) is out-of-process only")
		c.HostingModel = OutOfProcessModel
	}
	p.others()
	if c.HostingModel == OutOfProcessModel && c.ProcessPath == "" {
		p.fault(p.element, "processPath", "required out-of-process, and must not be empty")
	}
}

func (p *webConfigReader) where() string {
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

// start sees an element begin.
func (p *webConfigReader) start(e xml.StartElement, t tag) {
	name := e.Name.Local
	p.path = append(p.path, name)
	p.transform(e, t)
	if name == "location" && len(p.path) == 2 {
		p.applies = append(p.applies, p.location(e))
		return
	}
	path := p.path
	if len(path) > 1 && path[1] == "location" {
		if len(p.applies) > 0 && !p.applies[len(p.applies)-1] {
			if strings.Join(path[2:], "/") == "system.webServer/aspNetCore" {
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
		p.fault(t.line(), "", "<%s> at %s: must be <aspNetCore> in configuration/system.webServer", name, at)
	default:
		p.beside(path[1:], e, t)
	}
}

// location reports whether a <location> applies: its path is the application's,
// or one above it and inherited.
func (p *webConfigReader) location(e xml.StartElement) bool {
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

func (p *webConfigReader) end(name string) {
	if name == "location" && len(p.path) == 2 && len(p.applies) > 0 {
		p.applies = p.applies[:len(p.applies)-1]
	}
	p.path = p.path[:len(p.path)-1]
}

// inside sees the children of <aspNetCore>.
func (p *webConfigReader) inside(path []string, e xml.StartElement, t tag) {
	items := map[string]string{"environmentVariables": "environmentVariable", "handlerSettings": "handlerSetting"}
	if len(path) == 1 {
		if items[path[0]] == "" {
			p.fault(t.line(), "", "<%s> in <aspNetCore>: only <environmentVariables> and <handlerSettings> are known", path[0])
		}
		for _, a := range e.Attr {
			p.fault(t.lineOf(a), a.Name.Local, "unknown in <%s>", path[0])
		}
		return
	}
	if len(path) > 2 || items[path[0]] == "" {
		return // below something reported already
	}
	switch path[1] {
	case items[path[0]]:
		p.item(path[0], e, t)
	case "clear":
		if path[0] == "environmentVariables" {
			p.config.Environment = nil
		} else {
			p.config.HandlerSettings = map[string]string{}
			p.config.ForwardConnection = false
			p.config.DebugLevel, p.config.DebugFile = "", ""
		}
	default:
		p.fault(t.line(), "", "<%s> in <%s>: only <%s> and <clear> are known", path[1], path[0], items[path[0]])
	}
}

// item is an <environmentVariable> or a <handlerSetting>.
func (p *webConfigReader) item(section string, e xml.StartElement, t tag) {
	name, value, haveValue := "", "", false
	for _, a := range t.unique(e.Attr) {
		switch a.Name.Local {
		case "name":
			name = a.Value
		case "value":
			value, haveValue = a.Value, true
		default:
			p.fault(t.lineOf(a), a.Name.Local, "unknown in <%s>", e.Name.Local)
		}
	}
	if name == "" {
		p.fault(t.line(), "name", "required in <%s>, and must not be empty", e.Name.Local)
	}
	if !haveValue {
		p.fault(t.line(), "value", "required in <%s>", e.Name.Local)
	}
	if name == "" {
		return
	}
	if section == "handlerSettings" {
		p.handlerSetting(name, value, t)
		return
	}
	if strings.ContainsAny(name, "=\x00") || strings.Contains(value, "\x00") {
		p.fault(t.line(), "name", "%q: must not hold = or a zero byte", name)
		return
	}
	for _, v := range p.config.Environment {
		if strings.EqualFold(v.Name, name) {
			p.fault(t.line(), "name", "%q: is set twice", name)
			return
		}
	}
	p.config.Environment = append(p.config.Environment, EnvironmentVariable{name, p.expand(value)})
}

func (p *webConfigReader) handlerSetting(name, value string, t tag) {
	p.config.HandlerSettings[name] = value
	switch strings.ToLower(name) {
	case "forwardresponseconnectionheader":
		on, ok := parseBool(value)
		if !ok {
			p.fault(t.line(), "value", "%q: %s must be true or false", value, name)
		}
		p.config.ForwardConnection = on
	case "debuglevel":
		p.config.DebugLevel = value
		settings, unknown := ParseDebugLevel(value)
		for _, word := range unknown {
			p.notices = append(p.notices, fmt.Sprintf("%s: %q means nothing, and is ignored", name, word))
		}
		if settings.EventLog {
			p.notices = append(p.notices, name+": there is no event log here; EVENTLOG is the worker's standard error")
		}
	case "debugfile":
		p.config.DebugFile = p.expand(value)
	default:
		p.notices = append(p.notices, "handlerSetting "+name+": without effect here")
	}
}

// expand replaces %NAME% by the variable's value; what has no value stays, as on
// Windows (ExpandEnvironmentStrings).
func (p *webConfigReader) expand(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "%")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "%")
		if !closed {
			b.WriteString("%" + rest)
			return b.String()
		}
		if value, ok := p.opt.Lookup(name); ok && name != "" {
			b.WriteString(value)
			s = after
			continue
		}
		b.WriteString("%" + name) // the second % may begin another name
		s = "%" + after
	}
}

// Program makes of processPath and arguments what is started: relative to the
// app's folder if it is there, else found in PATH (CF-01, CF-02). On systems
// with another separator a backslash in processPath stands for it, and in an
// argument that then names a file in the app's folder (".\MyApp.dll", as
// published), so that one web.config serves both.
func (c Config) Program() Command {
	path := c.programPath()
	if !filepath.IsAbs(path) && !ofWindows(path) && c.PhysicalPath != "" {
		local := filepath.Join(c.PhysicalPath, path)
		if isFile(local) || strings.ContainsAny(path, `/\`) {
			path = local
		}
	}
	args := SplitArguments(c.Arguments)
	for i, a := range args {
		if strings.HasPrefix(a, `.\`) && isFile(filepath.Join(c.PhysicalPath, slashes(a))) {
			args[i] = slashes(a)
		}
	}
	return Command{Path: path, Args: args, Dir: c.PhysicalPath}
}

func slashes(path string) string {
	if runtime.GOOS == "windows" {
		return path
	}
	return strings.ReplaceAll(path, `\`, "/")
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
