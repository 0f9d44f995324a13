package appprocess

import (
	"cmp"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/internal/proctree"
)

// Variables for the app (OP-03), as ASP.NET Core's IIS integration reads them.
const (
	EnvPort           = "ASPNETCORE_PORT"
	EnvToken          = "ASPNETCORE_TOKEN"
	EnvAppPath        = "ASPNETCORE_APPL_PATH"
	EnvAuthentication = "ASPNETCORE_IIS_HTTPAUTH"
	EnvWebSockets     = "ASPNETCORE_IIS_WEBSOCKETS_SUPPORTED"
	EnvPhysicalPath   = "ASPNETCORE_IIS_PHYSICAL_PATH"
	EnvHTTPSPort      = "ASPNETCORE_ANCM_HTTPS_PORT"
	EnvHostingStartup = "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"

	// EnvURLs is the address on which ASP.NET Core listens without a token. Its IIS
	// integration is active, and reads the port, only if there is a token.
	EnvURLs = "ASPNETCORE_URLS"

	// EnvControl is the number of the control channel's descriptor, and EnvSocket
	// the Unix socket to listen on; both for our own app only.
	EnvControl = "ANCMBENCH_CONTROL"
	EnvSocket  = "ANCMBENCH_SOCKET"
	// EnvCallers is the number of the descriptor on which the app gets the identities
	// of users (iisintegration.Options.Callers); for our own app only.
	EnvCallers = "ANCMBENCH_CALLERS"

	iisIntegration = "Microsoft.AspNetCore.Server.IISIntegration"
)

// newToken returns a random UUID: 122 bits of crypto/rand (RFC 9562, 5.4).
func newToken() string { return uuid.New().String() }

// environment is an ordered set of variables. Of two with one name the later counts.
// Case does not matter in names, as on Windows.
type environment []string

// Override returns env, NAME=value, with the variables of the configuration set in it,
// for a process that hosts an app (CF-10, BM-04).
func Override(env []string, variables []webconfig.EnvironmentVariable) []string {
	e := environment(slices.Clone(env))
	for _, v := range variables {
		e.override(v.Name, v.Value)
	}
	return e
}

// override sets a variable. If an inherited one differs from it in case only, both get
// the value: on Windows a program finds it under any spelling.
func (e *environment) override(name, value string) {
	inherited := ""
	for _, kv := range *e {
		if n, _, _ := strings.Cut(kv, "="); n != name && strings.EqualFold(n, name) {
			inherited = n
		}
	}
	e.set(name, value)
	if inherited != "" && runtime.GOOS != "windows" {
		*e = append(*e, inherited+"="+value)
	}
}

func (e *environment) set(name, value string) {
	e.unset(name)
	*e = append(*e, name+"="+value)
}

func (e *environment) unset(name string) {
	*e = slices.DeleteFunc(*e, func(kv string) bool {
		n, _, _ := strings.Cut(kv, "=")
		return sameName(n, name)
	})
}

func (e environment) get(name string) string {
	for _, kv := range e {
		if n, v, ok := strings.Cut(kv, "="); ok && sameName(n, name) {
			return v
		}
	}
	return ""
}

// sameName reports whether two names are equal but for their case, which the original
// ignores.
func sameName(a, b string) bool { return strings.EqualFold(a, b) }

// environment returns the environment of one process of the app: that of this process,
// with the configured variables set in it, and then the module's own.
func (o *Options) environment(p *process) []string {
	port := ""
	if p.port != 0 {
		port = strconv.Itoa(p.port)
	}
	env := o.told(port, p.backend.Token)
	if p.control != nil {
		env.set(EnvControl, p.given(controlGift))
	}
	if p.backend.Callers != nil {
		env.set(EnvCallers, p.given(callersGift))
	}
	if p.backend.Network == "unix" {
		env.set(EnvSocket, p.backend.Address)
	}
	return env
}

// Standalone returns the environment of a process of the app that somebody else starts, and
// whom it must obey who knows the token: that of a process which the module starts, but for
// EnvPort, which is for the other to set.
func (o Options) Standalone(token string) []string { return o.told("", token) }

// told returns what every process of the app is told, however it is reached.
func (o *Options) told(port, token string) environment {
	env := environment(slices.Clone(os.Environ()))
	for _, name := range []string{EnvPort, EnvToken, EnvHTTPSPort, EnvControl, EnvSocket, EnvCallers, proctree.EnvGifts} {
		env.unset(name) // another module's, whose app this process may be
	}
	for _, v := range o.Config.Environment {
		env.override(v.Name, v.Value)
	}
	if port != "" {
		env.set(EnvPort, port)
	}
	if token != "" {
		env.set(EnvToken, token)
	} else if port != "" {
		env.set(EnvURLs, "http://127.0.0.1:"+port)
	}
	env.set(EnvAppPath, o.Config.AppPath)
	env.set(EnvAuthentication, cmp.Or(o.Authentication, "anonymous;"))
	env.set(EnvWebSockets, strconv.FormatBool(!o.NoWebSockets && !o.Config.NoWebSockets))
	env.set(EnvPhysicalPath, o.physicalPath())
	if o.HTTPSPort != 0 {
		env.set(EnvHTTPSPort, strconv.Itoa(o.HTTPSPort))
	}
	env.set(EnvHostingStartup, withHostingStartup(env.get(EnvHostingStartup)))
	return env
}

// given returns the number of what the process inherits at index i.
func (p *process) given(i int) string {
	return strconv.FormatUint(uint64(proctree.Number(p.gifts[i], i)), 10)
}

// withHostingStartup returns list with the module's assembly in it.
func withHostingStartup(list string) string {
	for name := range strings.SplitSeq(list, ";") {
		if strings.EqualFold(strings.TrimSpace(name), iisIntegration) {
			return list
		}
	}
	if list == "" {
		return iisIntegration
	}
	return strings.TrimRight(list, ";") + ";" + iisIntegration
}

// physicalPath returns the app's folder.
func (o *Options) physicalPath() string {
	path := cmp.Or(o.Config.PhysicalPath, o.Command.Dir)
	if path == "" {
		path, _ = os.Getwd() // empty if the folder is gone
	}
	return path
}
