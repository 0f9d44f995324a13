package webconfig

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// transformSpace is the namespace of a file that changes a web.config when an app is
// published.
const transformSpace = "http://schemas.microsoft.com/XML-Document-Transform"

// withoutEffect are the sections of system.webServer that have an effect in IIS and
// none here, each with what that means.
var withoutEffect = map[string]string{
	"requestFiltering":          "no request is filtered here, and the body limit is the app's",
	"customHeaders":             "no field is added to responses here",
	"redirectHeaders":           "no field is added to responses here",
	"rewrite":                   "no address is rewritten here",
	"httpRedirect":              "nothing is redirected here",
	"httpErrors":                "errors have our own pages",
	"httpCompression":           "nothing is compressed here but by the app",
	"urlCompression":            "nothing is compressed here but by the app",
	"caching":                   "nothing is cached here",
	"staticContent":             "files are sent by the app, or by --static-files",
	"defaultDocument":           "files are sent by the app, or by --static-files",
	"directoryBrowse":           "no folder is listed here",
	"ipSecurity":                "nobody is kept out here by address",
	"dynamicIpSecurity":         "nobody is kept out here by address",
	"authentication":            "use --basic-auth or --negotiate-keytab",
	"authorization":             "use --basic-auth or --negotiate-keytab",
	"modules":                   "modules of IIS are not loaded here",
	"globalModules":             "modules of IIS are not loaded here",
	"isapiFilters":              "modules of IIS are not loaded here",
	"applicationInitialization": "the app starts with the first request",
}

// beside reads an element that applies and is neither <aspNetCore> nor within it; path
// is its path within configuration. It gives one notice of each section without effect.
func (p *reader) beside(path []string, e xml.StartElement, t tag) {
	if len(path) < 2 || path[0] != "system.webServer" {
		return
	}
	name := e.Name.Local
	switch {
	case len(path) == 2 && name == "webSocket":
		p.webSocket(e, t)
	case len(path) == 3 && path[1] == "handlers" && name == "add":
		p.handler(e)
	case withoutEffect[name] != "":
		p.noticeOnce("<" + name + ">: without effect: " + withoutEffect[name])
	}
}

// transform reports a fault if the file is a transform of a web.config and not a
// web.config.
func (p *reader) transform(e xml.StartElement, t tag) {
	for _, a := range e.Attr {
		if a.Name.Space == transformSpace && !p.isTransform {
			p.isTransform = true
			p.fault(t.line(), "", "xdt:%s: this is a transform file, which changes a web.config when the app is published: "+
				"give the web.config of the published folder", a.Name.Local)
		}
	}
}

// noticeOnce adds a notice unless it is there already: a file may hold a section many
// times.
func (p *reader) noticeOnce(text string) {
	if !slices.Contains(p.notices, text) {
		p.notice("%s", text)
	}
}

// webSocket reads <webSocket enabled>. Other attributes of the element concern IIS
// alone.
func (p *reader) webSocket(e xml.StartElement, t tag) {
	for _, a := range e.Attr {
		if a.Name.Local != "enabled" {
			p.noticeOnce(fmt.Sprintf("<webSocket>: %s: without effect", a.Name.Local))
			continue
		}
		on, ok := parseBool(a.Value)
		if !ok {
			p.fault(t.lineOf(a), a.Name.Local, "%q: must be true or false", a.Value)
		}
		p.config.NoWebSockets = !on
	}
}

// handler gives notice of a handler for some of the requests only, or of another
// module: here the app gets all requests.
func (p *reader) handler(e xml.StartElement) {
	verb, path, modules := attribute(e, "verb"), attribute(e, "path"), attribute(e, "modules")
	name := "handler " + attribute(e, "name")
	if !strings.HasPrefix(strings.ToLower(modules), "aspnetcoremodule") {
		p.noticeOnce(name + ": without effect: modules of IIS are not loaded here")
		return
	}
	if verb != "" && verb != "*" {
		p.noticeOnce(fmt.Sprintf("%s: verb %q without effect: the app gets requests of every method", name, verb))
	}
	if path != "" && path != "*" {
		p.noticeOnce(fmt.Sprintf("%s: path %q without effect: the app gets requests of every path", name, path))
	}
}
