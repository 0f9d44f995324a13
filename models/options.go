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

// EnvTransport is the variable of a worker's environment that says how requests come to an
// app of .NET in-process, as clr.Options.Transport does: rings, direct or send.
const EnvTransport = "ANCM_TRANSPORT"

// Options say how to start a model. Only Model is required.
type Options struct {
	Model ancmbench.Model
	// Name is the target's name in process names and folders; empty means the model's
	// name.
	Name string
	// Front is "auto", "lean" or "nethttp"; empty means auto.
	Front string
	// Fronts are further fronts of the site, each once and on a socket of its own:
	// FrontNetHTTP, FrontTLS, FrontH2C. They serve the same module in the same worker;
	// for direct they are the app's own server. The relay has none.
	Fronts []string
	// Listen is the address of the front; empty means 127.0.0.1:0.
	Listen string
	// FrontListen maps a further front to the address that it listens on. A front
	// without one takes a free port on Listen's host.
	FrontListen map[string]string
	// Cgroups maps a role to the cgroup v2 directory in which its processes start; a
	// role without one stays in its parent's. The activation service removes the
	// directories when it ends, also if its parent was killed, and then the empty ones
	// above them whose name begins with "ancmbench".
	Cgroups map[string]string
	// CPUs is the set that every process is pinned to; empty means none.
	CPUs []int
	// GOMAXPROCS is set for every Go process, to the same value. Zero means the number
	// of CPUs in CPUs, or of the machine.
	GOMAXPROCS int
	// Env is added to the environment of worker and app, "KEY=value".
	Env []string
	// WebConfig is the path of a web.config whose <aspNetCore> element configures the
	// module; empty means none. If it has a processPath, the out-of-process models host
	// that program instead of this executable's handler. The file's folder is the app's
	// folder: app_offline.htm in it takes the app offline, and a change of the file
	// recycles worker and app (BM-01, BM-05). The hostingModel in the file does not
	// change Model.
	WebConfig string
	// ModuleVersion is "v1" or "v2"; empty means v2. v1 is the module before
	// ASP.NET Core 2.2: out-of-process only (CF-14).
	ModuleVersion string
	// Module configures the module without a file; nil means webconfig.Default. It is
	// not used if WebConfig is set.
	Module *webconfig.Config
	// PathBase is the path of the site's application, such as "/shop". Requests that
	// are not below it get 404, and the app gets it in ASPNETCORE_APPL_PATH. Empty
	// means the root.
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
	// Report, if not nil, gets the entries that the original writes to the event log.
	// One goroutine calls it until the site is over.
	Report func(Event) `json:"-"`
}

// Process is one process of a site.
type Process struct {
	Role string
	PID  int
}

// module reads the configuration of the module as it is now. notices are its parts that
// have no effect. It fails as webconfig.Reader does.
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

// secrets returns the variables, NAME=value, whose values must not be shown.
func (o Options) secrets() []string {
	all := append([]string(nil), o.Env...)
	for _, password := range o.Native.Users {
		all = append(all, "password="+password)
	}
	return all
}

// Further fronts of a site, for Options.Fronts. net/http speaks HTTP/2 in all of them.
// The lean front speaks HTTP/1.1 if the system has it, except in FrontNetHTTP.
const (
	FrontNetHTTP = "nethttp" // HTTP/1.1 without TLS
	FrontTLS     = "tls"     // HTTPS: HTTP/1.1 and HTTP/2, whichever ALPN settles
	FrontH2C     = "h2c"     // without TLS: HTTP/2 with prior knowledge, and HTTP/1.1
)
