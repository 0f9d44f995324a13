package ancm

import (
	"net/url"
	"path"
	"strings"
	"sync/atomic"

	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/httpsys"
)

// Application is one of several in a worker.
type Application struct {
	// Path is the application's path, "/" or "/shop"; case does not matter.
	Path string
	// HostingModel is webconfig.InProcess or webconfig.OutOfProcess; if empty, the
	// application cannot be hosted and does not count for the others.
	HostingModel string
	// Next starts the application with its first request.
	Next httpsys.Handler
}

// Applications puts several applications into one worker, under the rules of IIS
// (IP-06). The first application that gets a request decides. If it is in-process,
// requests for others get 500.35 if those are in-process too, and 500.34 if they are
// out-of-process. If it is out-of-process, others out-of-process are served, and those
// in-process get 500.34. This stays so until the worker recycles. It must not be
// copied.
type Applications struct {
	// Apps are the applications. One must be at "/".
	Apps []Application

	first atomic.Pointer[Application]
}

// ServeExchange asks the application whose path is the longest above the request's.
func (a *Applications) ServeExchange(x *httpsys.Exchange) {
	app := a.at(string(x.Target))
	if app.HostingModel == "" {
		app.Next.ServeExchange(x)
		return
	}
	first := a.first.Load()
	if first == nil {
		a.first.CompareAndSwap(nil, app)
		first = a.first.Load()
	}
	switch {
	case first == app, first.HostingModel == webconfig.OutOfProcess && app.HostingModel == webconfig.OutOfProcess:
		app.Next.ServeExchange(x)
	case first.HostingModel != app.HostingModel:
		refuseApp(x, 34, ErrMixedModels)
	default:
		refuseApp(x, 35, ErrSecondApp)
	}
}

func refuseApp(x *httpsys.Exchange, substatus int, err error) {
	x.Error(500, substatus, "text/plain; charset=utf-8", []byte(err.Error()+"\n"), err)
}

func (a *Applications) at(target string) (app *Application) {
	asked, ok := askedPath(target)
	for i := range a.Apps {
		candidate := &a.Apps[i]
		own := strings.ToLower(strings.Trim(candidate.Path, "/"))
		if own == "" && app == nil || ok && own != "" && below(asked, own) && (app == nil || len(candidate.Path) > len(app.Path)) {
			app = candidate
		}
	}
	return app
}

// askedPath returns the path of a request target in the form that finds its
// application: decoded, cleaned, in small letters, with a slash at its end. It reports
// false if the target cannot be decoded.
func askedPath(target string) (string, bool) {
	raw, _, _ := strings.Cut(target, "?")
	asked, err := url.PathUnescape(raw)
	if err != nil {
		return "", false
	}
	return strings.ToLower(path.Clean("/"+asked)) + "/", true
}

// below reports whether asked, from askedPath, lies below own, an application's path
// without a slash at either end.
func below(asked, own string) bool { return strings.HasPrefix(asked, "/"+own+"/") }
