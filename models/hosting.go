//go:build unix || windows

package models

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"ancmbench"
	"ancmbench/models/ancm"
	"ancmbench/models/ancm/appprocess"
	"ancmbench/models/ancm/clr"
	"ancmbench/models/ancm/debuglog"
	"ancmbench/models/ancm/eventlog"
	"ancmbench/models/ancm/redact"
	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/httpsys"
	"ancmbench/models/internal/proctree"
)

// Fields that prove who served a response, beside ancmbench.ModelHeader.
const (
	frontPIDHeader = "X-Ancm-Front-Pid"
	appPIDHeader   = "X-Ancm-App-Pid"
)

// hosting is what a worker runs: the servers on the site's sockets, and what stands
// behind them.
type hosting struct {
	gate *gate
	// fronts are the servers of the site's own socket and of those of the further
	// fronts, in this order.
	fronts []server
	// processes are those of the apps; none if the app is in this process.
	processes []*appprocess.Processes
	// own are the apps of .NET in this process; the first that is asked starts.
	own []*clr.App
	// limit is the longest time that an end may take.
	limit time.Duration
	// folders are the apps' folders, watched as long as the worker lives.
	folders []*ancm.Folder
}

// server accepts connections.
type server struct {
	appServer
	// goAway means that the protocol tells clients of a shutdown without losing a
	// request, as HTTP/2 does.
	goAway bool
	// blind means that the server does not parse requests and so cannot refuse one. It
	// must not accept a connection that the app will not answer.
	blind bool
}

// hosting returns what the worker of the site's model runs. recycle asks for another
// worker in place of this one, and say reports events. It fails if an app, a front or a
// native module cannot be made.
func (s settings) hosting(handler http.Handler, recycle func(), say reporter) (_ hosting, err error) {
	o := s.Options
	h := hosting{gate: &gate{}, limit: webconfig.Default().ShutdownTimeLimit}
	folder := o.folder(recycle, say)
	if folder != nil {
		h.folders = append(h.folders, folder)
	}
	config, notices, err := o.module()
	if err != nil { // it was right when the site was started
		complain(err)
		say.report(eventlog.ConfigFaulty, "%s cannot be used, and requests get 500.19: %v", o.WebConfig, err)
		return s.behindFront(h, inFolder(folder, badConfig{}, nil, nil), say)
	}
	h.limit = o.limit(config)
	for _, n := range notices {
		fmt.Fprintln(os.Stderr, n)
	}
	say.hide = redact.New(append(o.secrets(), variables(config)...)...)
	debug := openDebug(config, say)
	switch o.Model {
	case ancmbench.Direct:
		if err := startApp(handler); err != nil {
			return hosting{}, err
		}
		return s.serveDirect(h, withAppPID(handler))
	case ancmbench.InProcess:
		if config.StdoutLogEnabled {
			if err := logInProcess(config); err != nil {
				fmt.Fprintln(os.Stderr, "stdout log:", err)
				say.report(eventlog.LogNotWritable, "the stdout log of the app cannot be written: %v", err)
			}
		}
	case ancmbench.Relay:
		processes, err := appprocess.New(s.processOptions(config, debug, say))
		if err != nil {
			return hosting{}, err
		}
		return serveRelay(h, processes), nil
	}
	app, err := s.module(handler, config, recycle, debug, say)
	if err != nil {
		return hosting{}, err
	}
	h.add(app)
	model := webconfig.OutOfProcess
	if o.Model == ancmbench.InProcess {
		model = webconfig.InProcess
	}
	next := besideOthers(app.next, config, model)
	next = told(inFolder(folder, next, app.processes, debug), debug)
	if o.PathBase != "" {
		next = &ancm.Below{Path: o.PathBase, Next: next}
	}
	if len(o.Apps) > 0 {
		first := ancm.Application{Path: "/", HostingModel: model, Next: next}
		if next, err = s.sharing(&h, first, handler, recycle, say); err != nil {
			return hosting{}, err
		}
	}
	return s.behindFront(h, next, say)
}

// limit returns the longest time that the end of an app with this configuration may
// take.
func (o Options) limit(config webconfig.Config) time.Duration {
	if o.Grace > 0 {
		return o.Grace
	}
	return config.ShutdownTimeLimit
}

// variables returns the environment variables of the configuration, NAME=value.
func variables(config webconfig.Config) (out []string) {
	for _, v := range config.Environment {
		out = append(out, v.Name+"="+v.Value)
	}
	return out
}

// hostedApp is an app behind the module.
type hostedApp struct {
	next      httpsys.Handler
	processes *appprocess.Processes // nil in-process
	own       *clr.App              // nil unless it is an app of .NET in this process
}

// add notes what must end with the worker.
func (h *hosting) add(a hostedApp) {
	if a.processes != nil {
		h.processes = append(h.processes, a.processes)
	}
	if a.own != nil {
		h.own = append(h.own, a.own)
	}
}

// module returns the app, hosted in the model of the site.
func (s settings) module(handler http.Handler, config webconfig.Config, recycle func(), debug *debuglog.Log, say reporter) (hostedApp, error) {
	if s.Options.Model == ancmbench.InProcess {
		if config.ProcessPath != "" {
			return dotnetInProcess(config, recycle, debug, say)
		}
		return hostedApp{next: webSockets(inProcess(handler, config, debug, say), config)}, nil
	}
	processes, err := appprocess.New(s.processOptions(config, debug, say))
	if err != nil {
		return hostedApp{}, err
	}
	forwarder := &ancm.Forwarder{Backends: processes, Timeout: config.RequestTimeout,
		ForwardConnection: config.ForwardConnection}
	if config.RequestTimeout == 0 {
		forwarder.Timeout = -1 // no limit
	}
	switch s.Options.Model {
	case ancmbench.OutOfProcess, ancmbench.OutOfProcessUnix:
	case ancmbench.OutOfProcessNoReuse:
		forwarder.NoReuse = true
	case ancmbench.Bare:
		forwarder.Bare = true
	case ancmbench.ReverseProxy:
		return hostedApp{next: webSockets(ancm.NewReverseProxy(forwarder), config), processes: processes}, nil
	default:
		return hostedApp{}, fmt.Errorf("unknown model %q", s.Options.Model)
	}
	return hostedApp{next: webSockets(forwarder, config), processes: processes}, nil
}

// webSockets returns next, behind ancm.NoWebSockets if the configuration asks for that.
func webSockets(next httpsys.Handler, config webconfig.Config) httpsys.Handler {
	if config.NoWebSockets {
		return ancm.NoWebSockets{Next: next}
	}
	return next
}

// besideOthers returns next, behind ancm.OtherApps if the web.config has other
// applications.
func besideOthers(next httpsys.Handler, config webconfig.Config, model string) httpsys.Handler {
	if len(config.Others) == 0 {
		return next
	}
	return &ancm.OtherApps{Next: next, Apps: config.Others, HostingModel: model}
}

// inProcess returns the handler that hosts the app in this process, and initialises it
// first if it is an ancm.Starter.
func inProcess(handler http.Handler, config webconfig.Config, debug *debuglog.Log, say reporter) httpsys.Handler {
	hosted := &ancm.InProcess{Handler: withAppPID(handler), PathBase: config.AppPath}
	app, ok := handler.(ancm.Starter)
	if !ok {
		return hosted
	}
	return startup(hosted, app, config, debug, say)
}

// startup returns next, behind the start of the app.
func startup(next httpsys.Handler, app ancm.Starter, config webconfig.Config, debug *debuglog.Log, say reporter) httpsys.Handler {
	return &ancm.Startup{Next: next, App: app, Limit: config.StartupTimeLimit, Debug: debug,
		NoPage: config.DisableStartUpError, Details: ancm.DetailsWanted(os.Getenv), Hide: say.hide,
		Failed: say.notStarted}
}

// notStarted reports an app that does not start.
func (r reporter) notStarted(err error) {
	fmt.Fprintln(os.Stderr, "the app does not start:", err)
	r.report(eventlog.AppNotStarted, "the app does not start: %v; requests get 500.%d until the worker recycles", err, ancm.Substatus(err))
}

// dotnetInProcess returns the .NET app of the configuration, hosted in this process. If it
// ends by itself, recycle asks for another worker.
func dotnetInProcess(config webconfig.Config, recycle func(), debug *debuglog.Log, say reporter) (hostedApp, error) {
	app, err := clr.New(clr.Options{Config: config, Transport: os.Getenv(EnvTransport), Ended: func(code int) {
		say.report(eventlog.AppEnded, "the app has ended unasked in its worker, process %d, with exit code %d; another worker starts", os.Getpid(), code)
		recycle()
	}, Failed: say.notStarted})
	if err != nil {
		return hostedApp{}, err
	}
	return hostedApp{next: startup(app, app, config, debug, say), own: app}, nil
}

// startApp initialises an app that its own server serves. Who has started this process
// bounds the time.
func startApp(handler http.Handler) error {
	app, ok := handler.(ancm.Starter)
	if !ok {
		return nil
	}
	if err := app.Start(context.Background()); err != nil {
		return fmt.Errorf("the app does not start: %w", err)
	}
	return nil
}

// badConfig answers every request with 500.19: the configuration has a fault.
type badConfig struct{}

func (badConfig) ServeExchange(x *httpsys.Exchange) {
	x.Error(http.StatusInternalServerError, 19, "text/plain; charset=utf-8",
		[]byte("HTTP Error 500.19: web.config has a fault, which the server's log names\n"), nil)
}

// folder returns the watch on the app's folder, nil if there is no web.config.
func (o Options) folder(recycle func(), say reporter) *ancm.Folder {
	return folderOf(o.WebConfig, recycle, say)
}

func folderOf(webConfig string, recycle func(), say reporter) *ancm.Folder {
	if webConfig == "" {
		return nil
	}
	f := &ancm.Folder{Dir: filepath.Dir(webConfig), Config: webConfig, Report: func(kind eventlog.Kind, text string) { say.report(kind, "%s", text) }}
	f.Changed = recycle
	// In-process the app can only go with its worker; the next worker starts it
	// when it is first asked.
	f.Offline = func(used bool) {
		if used {
			recycle()
		}
	}
	f.Remember()
	return f
}

// inFolder returns h behind the watch on the app's folder, or h alone if folder is nil.
func inFolder(folder *ancm.Folder, h httpsys.Handler, processes *appprocess.Processes, debug *debuglog.Log) httpsys.Handler {
	if folder == nil {
		return h
	}
	folder.Next, folder.Debug = h, debug
	if processes != nil { // out-of-process the worker stays
		folder.Offline = func(bool) { processes.Offline() }
		folder.Online = processes.Online
	}
	return folder
}

// openDebug returns the module's debug log, nil if the configuration asks for none. The
// log stays open as long as the worker lives.
func openDebug(config webconfig.Config, say reporter) *debuglog.Log {
	l, err := webconfig.OpenDebugLog(config, os.Getenv, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		say.report(eventlog.LogNotWritable, "the module's debug log cannot be written: %v", err)
	}
	return l
}

// complain writes a fault to the worker's log.
func complain(err error) { fmt.Fprintln(os.Stderr, err) }

// told returns h, behind ancm.DebugRequests if there is a debug log.
func told(h httpsys.Handler, debug *debuglog.Log) httpsys.Handler {
	if debug == nil {
		return h
	}
	return &ancm.DebugRequests{Next: h, Log: debug}
}

// behindFront returns out with the site's fronts, which pass their exchanges to next.
func (s settings) behindFront(out hosting, next httpsys.Handler, say reporter) (hosting, error) {
	options := httpsys.Options{
		Kind:    s.Options.Front,
		Handler: next,
		Fields: []httpsys.Field{
			{Name: []byte(ancmbench.ModelHeader), Value: []byte(s.Options.Model)},
			{Name: []byte(frontPIDHeader), Value: []byte(strconv.Itoa(os.Getpid()))},
		},
	}
	if err := s.Options.Native.before(&options, say, complain); err != nil {
		return hosting{}, err
	}
	options.Handler = out.gate.exchanges(options.Handler)
	fronts, err := s.fronts(options)
	if err != nil {
		return hosting{}, err
	}
	out.fronts = []server{{appServer: fronts[0]}}
	out.addFurther(s.Options.Fronts, fronts[1:])
	return out, nil
}

// addFurther adds the fronts of these names.
func (h *hosting) addFurther(names []string, fronts []httpsys.Front) {
	for i, f := range fronts {
		h.fronts = append(h.fronts, server{appServer: f, goAway: names[i] == FrontTLS || names[i] == FrontH2C})
	}
}

// serveDirect returns out with the app's own server on the site's sockets.
func (s settings) serveDirect(out hosting, handler http.Handler) (hosting, error) {
	handler = out.gate.requests(handler)
	fields := proof(s.Options.Model, os.Getpid())
	own, err := newAppServer(s.Options.Front, handler, fields)
	if err != nil {
		return hosting{}, err
	}
	further, err := s.furtherFronts(ownOptions(handler, fields))
	if err != nil {
		return hosting{}, err
	}
	out.fronts = []server{{appServer: own}}
	out.addFurther(s.Options.Fronts, further)
	return out, nil
}

func serveRelay(out hosting, processes *appprocess.Processes) hosting {
	out.fronts = []server{{appServer: relayServer{&ancm.Relay{Backends: processes}}, blind: true}}
	out.processes = []*appprocess.Processes{processes}
	return out
}

// relayServer breaks off the connections that are left when the apps are gone: it
// cannot tell where a request ends.
type relayServer struct{ *ancm.Relay }

func (r relayServer) Shutdown(context.Context) error { return r.Close() }

// processOptions returns how the worker starts its app: the configured program, or this
// executable again in the role of the app.
func (s settings) processOptions(config webconfig.Config, debug *debuglog.Log, say reporter) appprocess.Options {
	o := s.Options
	opt := appprocess.Options{
		Config:     config,
		Attributes: proctree.Attributes{DieWithParent: true, Cgroup: o.Cgroups[RoleApp]},
		Output:     os.Stderr,
		NoToken:    o.Model == ancmbench.Bare || o.Model == ancmbench.Relay,
		PollEvery:  o.ReadinessPoll,
		Debug:      debug,
		Report:     say.put,
		Secrets:    o.secrets(),
		HTTPSPort:  s.HTTPSPort,
	}
	opt.Authentication = o.Native.authentication()
	if config.ProcessPath != "" {
		opt.Command = config.Program()
		return opt
	}
	opt.Command = webconfig.Command{Path: s.ownExecutable(), Name: s.title(RoleApp), Controlled: true}
	opt.UnixSocket = o.Model == ancmbench.OutOfProcessUnix
	env := append(slices.Clone(config.Environment), webconfig.EnvironmentVariable{Name: envRole, Value: RoleApp},
		webconfig.EnvironmentVariable{Name: envFront, Value: o.Front})
	if o.Model == ancmbench.Relay { // nobody else can say so in the response
		env = append(env, webconfig.EnvironmentVariable{Name: envModel, Value: string(o.Model)})
	}
	opt.Config.Environment = env
	return opt
}

// withAppPID returns handler with a field in every response that has the id of the
// app's process.
func withAppPID(handler http.Handler) http.Handler {
	pid := []string{strconv.Itoa(os.Getpid())}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()[appPIDHeader] = pid
		handler.ServeHTTP(w, r)
	})
}

// proof returns the fields that name the model and the front's process, for a server
// that stands behind no front.
func proof(model ancmbench.Model, frontPID int) http.Header {
	return http.Header{
		ancmbench.ModelHeader: {string(model)},
		frontPIDHeader:        {strconv.Itoa(frontPID)},
	}
}

// logInProcess redirects the output of this process, the app's and the worker's own, to
// the log file (CF-09). It fails if the file cannot be opened.
func logInProcess(config webconfig.Config) error {
	f, err := webconfig.OpenStdoutLog(config, time.Now())
	if err != nil {
		return err
	}
	return redirectOutput(f)
}
