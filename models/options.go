package models

import (
	"time"

	"ancmbench"
	"ancmbench/models/ancm/webconfig"
)

// Roles of the processes of a bundled model, as written into RoleUsage.Role.
const (
	RoleWAS    = string(ancmbench.RoleWAS)
	RoleWorker = string(ancmbench.RoleWorker)
	RoleApp    = string(ancmbench.RoleApp)
)

// Options say how a model is to be started. The zero value but for Model works.
type Options struct {
	Model ancmbench.Model
	// Name tells this arm from the others of a run, in process names and folders;
	// empty means the model's.
	Name string
	// Front is "auto", "lean" or "nethttp"; empty means auto.
	Front string
	// Fronts are further fronts of the site, each once and on a socket of its own:
	// FrontNetHTTP, FrontTLS, FrontH2C. They stand before the same module in the
	// same worker; those of direct are the app's own server. The relay has none.
	Fronts []string
	// Listen is the address of the front; empty means 127.0.0.1:0.
	Listen string
	// FrontListen maps a further front to the address it listens on; one without
	// takes a free port of Listen's host.
	FrontListen map[string]string
	// Cgroups maps a role to the cgroup v2 directory into which its processes are
	// born; a role without one stays in its parent's. The was process removes
	// the directories when it ends, also when its parent was killed, and then
	// those above them that are empty and whose name begins with "ancmbench".
	Cgroups map[string]string
	// CPUs is the set that every process is pinned to; empty means none.
	CPUs []int
	// GOMAXPROCS of every Go role, explicit and equal; zero means the number of CPUs
	// in CPUs, or of the machine.
	GOMAXPROCS int
	// Env is added to the environment of worker and app, "KEY=value".
	Env []string
	// WebConfig is the path of a web.config whose <aspNetCore> element configures
	// the module; empty means none. With a processPath the out-of-process models
	// host that program instead of this executable's handler. The file's folder
	// is the app's: app_offline.htm in it takes the app offline, and a change of
	// the file recycles worker and app (BM-01, BM-05). Its
	// hostingModel does not change Model.
	WebConfig string
	// ModuleVersion is "v1" or "v2"; empty means v2. v1 is the module before
	// ASP.NET Core 2.2: out-of-process only (CF-14).
	ModuleVersion string
	// Module configures the module without a file; nil means webconfig.Default.
	// Not used with WebConfig.
	Module *webconfig.Config
	// PathBase is where the site's application is, "/shop": requests that are not
	// below it get 404, and the app is told (ASPNETCORE_APPL_PATH). Empty is the root.
	PathBase string
	// ClientCertificates are for the further front FrontTLS.
	ClientCertificates ClientCertificates
	// Apps are further applications of the site, below paths of their own.
	Apps []App
	// Native modules stand in front of the app; the zero value is none.
	Native NativeModules
	// ReadinessPoll is appprocess.Options.PollEvery: 250 ms is the original's,
	// zero as soon as the app listens.
	ReadinessPoll time.Duration
	// Grace is how long Recycle and Stop wait for requests that have begun, before
	// they use force; zero means the configuration's shutdownTimeLimit.
	Grace time.Duration
	// Report is told of what the original writes to the event log, from one
	// goroutine, until the site is over; nil is nobody.
	Report func(Event) `json:"-"`
}

// Process is one process of a site.
type Process struct {
	Role string
	PID  int
}

// module returns the configuration of the module as it is now, and what it says that
// has no effect.
func (o Options) module() (c webconfig.Config, notices []string, err error) {
	switch {
	case o.WebConfig != "":
		c, notices, err = webconfig.Reader{Module: o.ModuleVersion}.ReadFile(o.WebConfig)
	case o.Module != nil:
		c = *o.Module
	default:
		c = webconfig.Default()
	}
	if o.PathBase != "" {
		c.AppPath = o.PathBase
	}
	return c, notices, err
}

// ModelOf returns the hosting model that a configuration asks for.
func ModelOf(c webconfig.Config) ancmbench.Model {
	if c.HostingModel == webconfig.InProcess {
		return ancmbench.InProcess
	}
	return ancmbench.OutOfProcess
}

// secrets returns the variables, NAME=value, whose values nobody is shown.
func (o Options) secrets() []string {
	all := append([]string(nil), o.Env...)
	for _, password := range o.Native.Users {
		all = append(all, "password="+password)
	}
	return all
}

// Further fronts of a site, for Options.Fronts. HTTP/2 is net/http's in all of them;
// HTTP/1.1 is the lean front's where there is one, but with FrontNetHTTP.
const (
	FrontNetHTTP = "nethttp" // HTTP/1.1 without TLS
	FrontTLS     = "tls"     // HTTPS: HTTP/1.1 and HTTP/2, whichever ALPN settles
	FrontH2C     = "h2c"     // without TLS: HTTP/2 with prior knowledge, and HTTP/1.1
)
