package ancm

import (
	"errors"
	"strings"

	"ancmbench/models/httpsys"
)

// OtherApp is another application of the same web.config, which the worker of
// this one cannot host as well (IP-06).
type OtherApp struct {
	// Path is its <location>, "shop" or "shop/admin", in small letters.
	Path         string
	HostingModel string // InProcessModel or OutOfProcessModel
}

// Errors behind the answers for another app.
var (
	ErrMixedModels = errors.New("an app in-process and one out-of-process cannot share a worker")
	ErrSecondApp   = errors.New("a worker hosts one app in-process and no second")
)

// OtherApps answers for apps that cannot be in this worker because another is:
// 500.35 for a second one in-process, 500.34 where only one of the two is. What
// is under no path of theirs is Next's, and so is what is another's while all are
// out-of-process, which IIS does not refuse.
type OtherApps struct {
	Next httpsys.Handler
	Apps []OtherApp
	// HostingModel is how the app behind Next is hosted.
	HostingModel string
}

// ServeExchange asks Next, or refuses.
func (o *OtherApps) ServeExchange(x *httpsys.Exchange) {
	app, ok := o.at(string(x.Target))
	if !ok || app.HostingModel != InProcessModel && o.HostingModel != InProcessModel {
		o.Next.ServeExchange(x)
		return
	}
	substatus, err := 35, ErrSecondApp
	if app.HostingModel != o.HostingModel {
		substatus, err = 34, ErrMixedModels
	}
	refuseApp(x, substatus, err)
}

func (o *OtherApps) at(target string) (OtherApp, bool) {
	asked, ok := askedPath(target)
	if !ok {
		return OtherApp{}, false
	}
	for _, app := range o.Apps {
		if below(asked, app.Path) {
			return app, true
		}
	}
	return OtherApp{}, false
}

// otherApp notes an <aspNetCore> that does not apply to this application, with
// the path of its <location>.
func (p *webConfigReader) otherApp(at, hostingModel string) {
	own := normalLocation(p.opt.Location)
	if at == "" || at == own || strings.HasPrefix(own, at+"/") {
		return // another app's, but this one's requests are below it
	}
	p.config.Others = append(p.config.Others, OtherApp{Path: at, HostingModel: hostingModel})
	p.notice("location %s: another application, which is not hosted here", short(at))
}

// others says how the other apps would be hosted, once the file is read.
func (p *webConfigReader) others() {
	c := &p.config
	for i := range c.Others {
		o := &c.Others[i]
		switch {
		case c.ModuleVersion == "v1":
			o.HostingModel = OutOfProcessModel
		case o.HostingModel == "":
			o.HostingModel = c.HostingModel // inherited, or the default of both
		case strings.EqualFold(o.HostingModel, InProcessModel):
			o.HostingModel = InProcessModel
		default:
			o.HostingModel = OutOfProcessModel
		}
	}
}
