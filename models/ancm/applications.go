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
	// Path is where it is, "/" or "/shop"; case does not matter.
	Path string
	// HostingModel is webconfig.InProcess or webconfig.OutOfProcess; empty is an application
	// that cannot be hosted, which is in nobody's way.
	HostingModel string
	// Next starts it, or has it started, with the first request.
	Next httpsys.Handler
}

// Applications share a worker as IIS lets them (IP-06): the first one
// that is asked is there, and decides. If it is in-process, others in-process get
// 500.35 and those out-of-process 500.34; if it is out-of-process, others
// out-of-process are there too and those in-process get 500.34. That stays so
// until the worker recycles. It must not be copied.
type Applications struct {
	// Apps must have one at "/".
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

// askedPath is the path of a request target as applications are told apart by it:
// decoded, cleaned, in small letters, with a slash at its end.
func askedPath(target string) (string, bool) {
	raw, _, _ := strings.Cut(target, "?")
	asked, err := url.PathUnescape(raw)
	if err != nil {
		return "", false
	}
	return strings.ToLower(path.Clean("/"+asked)) + "/", true
}

// below reports whether asked is an application's, whose path has no slash at
// either end.
func below(asked, own string) bool { return strings.HasPrefix(asked, "/"+own+"/") }
