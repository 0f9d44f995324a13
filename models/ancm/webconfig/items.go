package webconfig

import (
	"encoding/xml"
	"slices"
	"strings"

	"ancmbench/models/ancm/debuglog"
)

// inside reads an element within <aspNetCore>.
func (p *reader) inside(path []string, e xml.StartElement, t tag) {
	if len(path) == 1 {
		if items[path[0]] == "" {
			p.faultAt(t.line, "", "<%s> in <aspNetCore>: only <environmentVariables>, <handlerSettings> and <recycleOnFileChange> are known", short(path[0]))
		}
		if path[0] == "recycleOnFileChange" {
			p.notice("recycleOnFileChange: without effect, the module knows it and does not use it")
		}
		for _, a := range e.Attr {
			p.unknown(a, t, path[0])
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
		p.clear(path[0])
	default:
		p.faultAt(t.line, "", "<%s> in <%s>: only <%s> and <clear> are known", short(path[1]), path[0], items[path[0]])
	}
}

// items are the collections in <aspNetCore>, each with the name of its elements.
var items = map[string]string{"environmentVariables": "environmentVariable", "handlerSettings": "handlerSetting", "recycleOnFileChange": "file"}

// clear empties a collection.
func (p *reader) clear(section string) {
	switch section {
	case "environmentVariables":
		p.config.Environment, p.variables = nil, map[string]int{}
	case "handlerSettings":
		p.config.HandlerSettings, p.settings = map[string]string{}, map[string]bool{}
		p.config.ForwardConnection = false
		p.config.DebugLevel, p.config.DebugFile = "", ""
	}
}

// unknown reports a fault for an attribute that an element does not have, except for
// those that IIS allows in every element.
func (p *reader) unknown(a xml.Attr, t tag, element string) {
	switch name := a.Name.Local; name {
	case "xmlns", "lockItem", "lockAttributes", "lockElements", "lockAllAttributesExcept", "lockAllElementsExcept":
	case "configSource":
		p.faultAt(t.place(a), name, "is not supported: write what is in that file into this one")
	case "configProtectionProvider":
		p.faultAt(t.place(a), name, "is not supported: an encrypted section can be read on its own machine only")
	default:
		if a.Name.Space != "xmlns" {
			p.faultAt(t.place(a), name, "unknown in <%s>", short(element))
		}
	}
}

// item reads an <environmentVariable>, a <handlerSetting>, or a <file>.
func (p *reader) item(section string, e xml.StartElement, t tag) {
	given := map[string]string{}
	required := []string{"name", "value"}
	if section == "recycleOnFileChange" {
		required = []string{"path"}
	}
	for _, a := range t.unique(e.Attr) {
		if slices.Contains(required, a.Name.Local) {
			given[a.Name.Local] = a.Value
		} else {
			p.unknown(a, t, e.Name.Local)
		}
	}
	for _, name := range required {
		value, ok := given[name]
		switch {
		case name == "value" && !ok:
			p.faultAt(t.line, name, "required in <%s>", e.Name.Local)
		case name != "value" && value == "":
			p.faultAt(t.line, name, "required in <%s>, and must not be empty", e.Name.Local)
		}
	}
	switch name := given["name"]; {
	case name == "":
	case section == "handlerSettings":
		p.handlerSetting(name, given["value"], t)
	default:
		p.variable(name, given["value"], t)
	}
}

// variable sets an environment variable of the app. Of two with one name the last
// counts; case does not matter.
func (p *reader) variable(name, value string, t tag) {
	if strings.ContainsAny(name, "=\x00") || strings.Contains(value, "\x00") {
		p.faultAt(t.line, "name", "%q: must not hold = or a zero byte", short(name))
		return
	}
	value, ok := p.expand(value)
	if !ok || len(name) > maxExpanded {
		p.faultAt(t.line, "value", "longer than %d bytes", maxExpanded)
		return
	}
	key := strings.ToLower(name)
	if i, again := p.variables[key]; again {
		p.config.Environment[i].Value = value
		return
	}
	if len(p.config.Environment) == maxVariables {
		p.faultAt(t.line, "", "more than %d environment variables", maxVariables)
		return
	}
	p.variables[key] = len(p.config.Environment)
	p.config.Environment = append(p.config.Environment, EnvironmentVariable{name, value})
}

// handlerSetting reads one setting. Of two with one name the first counts, as in the
// module.
func (p *reader) handlerSetting(name, value string, t tag) {
	if key := strings.ToLower(name); p.settings[key] {
		p.notice("handlerSetting %s: given twice, and the first counts", short(name))
		return
	} else {
		p.settings[key] = true
	}
	p.config.HandlerSettings[name] = value
	switch strings.ToLower(name) {
	case "forwardresponseconnectionheader":
		on, ok := parseBool(value)
		if !ok {
			p.faultAt(t.line, "value", "%q: %s must be true or false", short(value), name)
		}
		p.config.ForwardConnection = on
	case "debuglevel":
		p.config.DebugLevel = value
		settings, unknown := debuglog.ParseLevel(value)
		for _, word := range unknown {
			p.notice("%s: %q means nothing, and is ignored", name, short(word))
		}
		if settings.EventLog {
			p.notice("%s: there is no event log here; EVENTLOG is the worker's standard error", name)
		}
	case "debugfile":
		file, ok := p.expand(value)
		if !ok {
			p.faultAt(t.line, "value", "longer than %d bytes", maxExpanded)
		}
		p.config.DebugFile = file
	default:
		p.notice("handlerSetting %s: without effect here", short(name))
	}
}
