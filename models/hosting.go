//go:build unix

package models

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"ancmbench"
	"ancmbench/models/ancm"
	"ancmbench/models/httpsys"
	"ancmbench/models/internal/proctree"
)

// Fields that prove who served a response, beside ancmbench.ModelHeader.
const (
	frontPIDHeader = "X-Ancm-Front-Pid"
	appPIDHeader   = "X-Ancm-App-Pid"
)

// hosting makes what the worker of the model does. recycle ends the worker
// gracefully; the next connection starts another.
func (s settings) hosting(handler http.Handler, recycle func()) (hosting, error) {
	o := s.Options
	folder := o.folder(recycle)
	config, notices, err := o.module()
	if err != nil { // it was right when the site was started
		fmt.Fprintln(os.Stderr, err)
		return s.behindFront(folder, badConfig{}, nil)
	}
	for _, n := range notices {
		fmt.Fprintln(os.Stderr, n)
	}
	switch o.Model {
	case ancmbench.Direct:
		if err := startApp(handler); err != nil {
			return hosting{}, err
		}
		return serveDirect(o.Front, withAppPID(handler), proof(o.Model, os.Getpid()))
	case ancmbench.InProcess:
		if config.StdoutLogEnabled {
			if err := logInProcess(config); err != nil {
				fmt.Fprintln(os.Stderr, "stdout log:", err)
			}
		}
		return s.behindFront(folder, besideOthers(inProcess(handler, config), config, ancm.InProcessModel), nil)
	}
	processes, err := ancm.NewProcesses(s.processOptions(config))
	if err != nil {
		return hosting{}, err
	}
	forwarder := &ancm.Forwarder{Backends: processes, Timeout: config.RequestTimeout,
		ForwardConnection: config.ForwardConnection}
	if config.RequestTimeout == 0 {
		forwarder.Timeout = -1 // no limit
	}
	next := httpsys.Handler(forwarder)
	switch o.Model {
	case ancmbench.OutOfProcess, ancmbench.OutOfProcessUnix:
	case ancmbench.OutOfProcessNoReuse:
		forwarder.NoReuse = true
	case ancmbench.Bare:
		forwarder.Bare = true
	case ancmbench.ReverseProxy:
		next = ancm.NewReverseProxy(forwarder)
	case ancmbench.Relay:
		return serveRelay(processes), nil
	default:
		return hosting{}, fmt.Errorf("unknown model %q", o.Model)
	}
	return s.behindFront(folder, besideOthers(next, config, ancm.OutOfProcessModel), processes)
}

// besideOthers answers for the applications of a web.config that cannot be in
// this worker as well.
func besideOthers(next httpsys.Handler, config ancm.Config, model string) httpsys.Handler {
	if len(config.Others) == 0 {
		return next
	}
	return &ancm.OtherApps{Next: next, Apps: config.Others, HostingModel: model}
}

// inProcess hosts the app in this process, and initialises it if it is a Starter.
func inProcess(handler http.Handler, config ancm.Config) httpsys.Handler {
	hosted := &ancm.InProcess{Handler: withAppPID(handler)}
	app, ok := handler.(ancm.Starter)
	if !ok {
		return hosted
	}
	return &ancm.Startup{Next: hosted, App: app, Limit: config.StartupTimeLimit,
		NoPage: config.DisableStartUpError, Details: ancm.DetailsWanted(os.Getenv),
		Failed: func(err error) { fmt.Fprintln(os.Stderr, "the app does not start:", err) }}
}

// startApp initialises an app that its own server serves. How long that may take
// is for whoever started the process to say.
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

// badConfig answers what cannot be hosted.
type badConfig struct{}

func (badConfig) ServeExchange(x *httpsys.Exchange) {
	x.Error(http.StatusInternalServerError, 19, "text/plain; charset=utf-8",
		[]byte("HTTP Error 500.19: web.config has a fault, which the server's log names\n"), nil)
}

// folder watches the app's folder, nil if there is none.
func (o Options) folder(recycle func()) *ancm.Folder {
	if o.WebConfig == "" {
		return nil
	}
	f := &ancm.Folder{Dir: filepath.Dir(o.WebConfig), Config: o.WebConfig, Changed: recycle}
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

// behindFront puts a handler of exchanges behind the front that every model has.
func (s settings) behindFront(folder *ancm.Folder, h httpsys.Handler, processes *ancm.Processes) (hosting, error) {
	if folder != nil {
		folder.Next = h
		if processes != nil { // out-of-process the worker stays
			folder.Offline = func(bool) { processes.Recycle(context.Background()) }
		}
		h = folder
	}
	options := httpsys.Options{
		Kind:    s.Options.Front,
		Handler: h,
		Fields: []httpsys.Field{
			{Name: []byte(ancmbench.ModelHeader), Value: []byte(s.Options.Model)},
			{Name: []byte(frontPIDHeader), Value: []byte(strconv.Itoa(os.Getpid()))},
		},
	}
	if err := s.Options.Native.before(&options, func(err error) { fmt.Fprintln(os.Stderr, err) }); err != nil {
		return hosting{}, err
	}
	fronts, err := s.fronts(options)
	if err != nil {
		return hosting{}, err
	}
	out := hosting{
		serve:     fronts[0].Serve,
		processes: processes,
		stop: func(ctx context.Context) {
			endFronts(ctx, fronts)
			if processes != nil {
				processes.Shutdown(ctx)
			}
		},
	}
	for _, f := range fronts[1:] {
		out.more = append(out.more, f.Serve)
	}
	return out, nil
}

// serveDirect is the app's own server on the site's socket.
func serveDirect(kind string, handler http.Handler, fields http.Header) (hosting, error) {
	server, err := newAppServer(kind, handler, fields)
	if err != nil {
		return hosting{}, err
	}
	return hosting{serve: server.Serve, stop: func(ctx context.Context) {
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	}}, nil
}

func serveRelay(processes *ancm.Processes) hosting {
	relay := &ancm.Relay{Backends: processes}
	return hosting{serve: relay.Serve, processes: processes, stop: func(ctx context.Context) {
		_ = relay.Close() // it cannot tell where a request ends
		processes.Shutdown(ctx)
	}}
}

// processOptions say how the worker starts its app: the configured program, or
// this executable again in the role of the app.
func (s settings) processOptions(config ancm.Config) ancm.ProcessOptions {
	o := s.Options
	opt := ancm.ProcessOptions{
		Config:     config,
		Attributes: proctree.Attributes{DieWithParent: true, Cgroup: o.Cgroups[RoleApp]},
		Output:     os.Stderr,
		NoToken:    o.Model == ancmbench.Bare || o.Model == ancmbench.Relay,
		PollEvery:  o.ReadinessPoll,
	}
	opt.Authentication = o.Native.authentication()
	if config.ProcessPath != "" {
		opt.Command = config.Program()
		return opt
	}
	opt.Command = ancm.Command{Path: s.ownExecutable(), Name: s.title(RoleApp), Controlled: true}
	opt.UnixSocket = o.Model == ancmbench.OutOfProcessUnix
	env := append(slices.Clone(config.Environment), ancm.EnvironmentVariable{Name: envRole, Value: RoleApp},
		ancm.EnvironmentVariable{Name: envFront, Value: o.Front})
	if o.Model == ancmbench.Relay { // nobody else can say so in the response
		env = append(env, ancm.EnvironmentVariable{Name: envModel, Value: string(o.Model)})
	}
	opt.Config.Environment = env
	return opt
}

// withAppPID proves in every response which process the app ran in.
func withAppPID(handler http.Handler) http.Handler {
	pid := []string{strconv.Itoa(os.Getpid())}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()[appPIDHeader] = pid
		handler.ServeHTTP(w, r)
	})
}

// proof names the model and the front's process where no front does.
func proof(model ancmbench.Model, frontPID int) http.Header {
	return http.Header{
		ancmbench.ModelHeader: {string(model)},
		frontPIDHeader:        {strconv.Itoa(frontPID)},
	}
}

// logInProcess sends what the app prints to the log file (CF-09), the worker's
// own words with it.
func logInProcess(config ancm.Config) error {
	f, err := ancm.OpenStdoutLog(config, time.Now())
	if err != nil {
		return err
	}
	defer f.Close() // the copies stay
	return errors.Join(unix.Dup2(int(f.Fd()), 1), unix.Dup2(int(f.Fd()), 2))
}
