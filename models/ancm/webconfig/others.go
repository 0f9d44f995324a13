package webconfig

import "strings"

// OtherApp is another application in the same web.config, which the worker of this one
// cannot host too (IP-06).
type OtherApp struct {
	// Path is its <location>, "shop" or "shop/admin", in small letters.
	Path         string
	HostingModel string // InProcess or OutOfProcess
}

// otherApp notes an <aspNetCore> that does not apply to this application, with
// the path of its <location>.
func (p *reader) otherApp(at, hostingModel string) {
	own := normalLocation(p.opt.Location)
	if at == "" || at == own || strings.HasPrefix(own, at+"/") {
		return // another app's, but this one's requests are below it
	}
	p.config.Others = append(p.config.Others, OtherApp{Path: at, HostingModel: hostingModel})
	p.notice("location %s: another application, which is not hosted here", short(at))
}

// others sets the hosting models of the other applications, after the file was read.
func (p *reader) others() {
	c := &p.config
	for i := range c.Others {
		o := &c.Others[i]
		switch {
		case c.ModuleVersion == "v1":
			o.HostingModel = OutOfProcess
		case o.HostingModel == "":
			o.HostingModel = c.HostingModel // inherited, or the default of both
		case strings.EqualFold(o.HostingModel, InProcess):
			o.HostingModel = InProcess
		default:
			o.HostingModel = OutOfProcess
		}
	}
}
