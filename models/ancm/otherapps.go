package ancm

import (
	"errors"

	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/httpsys"
)

// Errors of requests for another application.
var (
	ErrMixedModels = errors.New("an app in-process and one out-of-process cannot share a worker")
	ErrSecondApp   = errors.New("a worker hosts one app in-process and no second")
)

// OtherApps answers requests for applications of the same web.config that this worker
// cannot host: with 500.35 for a second one in-process, and with 500.34 if only one of
// the two is in-process. Next gets all other requests, and all requests if every
// application is out-of-process, which IIS does not refuse.
type OtherApps struct {
	Next httpsys.Handler
	Apps []webconfig.OtherApp
	// HostingModel is how the app behind Next is hosted.
	HostingModel string
}

// ServeExchange asks Next, or refuses.
func (o *OtherApps) ServeExchange(x *httpsys.Exchange) {
	app, ok := o.at(string(x.Target))
	if !ok || app.HostingModel != webconfig.InProcess && o.HostingModel != webconfig.InProcess {
		o.Next.ServeExchange(x)
		return
	}
	substatus, err := 35, ErrSecondApp
	if app.HostingModel != o.HostingModel {
		substatus, err = 34, ErrMixedModels
	}
	refuseApp(x, substatus, err)
}

func (o *OtherApps) at(target string) (webconfig.OtherApp, bool) {
	asked, ok := askedPath(target)
	if !ok {
		return webconfig.OtherApp{}, false
	}
	for _, app := range o.Apps {
		if below(asked, app.Path) {
			return app, true
		}
	}
	return webconfig.OtherApp{}, false
}
