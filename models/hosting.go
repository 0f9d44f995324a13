//go:build unix

package models

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"

	"ancmbench"
	"ancmbench/models/ancm"
	"ancmbench/models/httpsys"
	"ancmbench/models/internal/proctree"
	"ancmbench/models/kestrel"
)

// Fields that prove who served a response, beside ancmbench.ModelHeader.
const (
	frontPIDHeader = "X-Ancm-Front-Pid"
	appPIDHeader   = "X-Ancm-App-Pid"
)

// hosting makes what the worker of the model does.
func (s settings) hosting(handler http.Handler) (hosting, error) {
	o := s.Options
	switch o.Model {
	case ancmbench.Direct:
		return serveDirect(withAppPID(handler), proof(o.Model, os.Getpid())), nil
	case ancmbench.InProcess:
		return s.behindFront(&ancm.InProcess{Handler: withAppPID(handler)}, nil)
	}
	processes, err := ancm.NewProcesses(s.processOptions())
	if err != nil {
		return hosting{}, err
	}
	forwarder := &ancm.Forwarder{Backends: processes}
	switch o.Model {
	case ancmbench.OutOfProcess, ancmbench.OutOfProcessUnix:
	case ancmbench.OutOfProcessNoReuse:
		forwarder.NoReuse = true
	case ancmbench.Bare:
		forwarder.Bare = true
	case ancmbench.ReverseProxy:
		return s.behindFront(ancm.NewReverseProxy(forwarder), processes)
	case ancmbench.Relay:
		return serveRelay(processes), nil
	default:
		return hosting{}, fmt.Errorf("unknown model %q", o.Model)
	}
	return s.behindFront(forwarder, processes)
}

// behindFront puts a handler of exchanges behind the front that every model has.
func (s settings) behindFront(h httpsys.Handler, processes *ancm.Processes) (hosting, error) {
	front, err := httpsys.New(httpsys.Options{
		Kind:    s.Options.Front,
		Handler: h,
		Fields: []httpsys.Field{
			{Name: []byte(ancmbench.ModelHeader), Value: []byte(s.Options.Model)},
			{Name: []byte(frontPIDHeader), Value: []byte(strconv.Itoa(os.Getpid()))},
		},
	})
	if err != nil {
		return hosting{}, err
	}
	return hosting{
		serve:     front.Serve,
		processes: processes,
		stop: func(ctx context.Context) {
			if front.Shutdown(ctx) != nil {
				_ = front.Close() // breaks what the grace was too short for
			}
			if processes != nil {
				processes.Shutdown(ctx)
			}
		},
	}, nil
}

// serveDirect is the app's own server on the site's socket.
func serveDirect(handler http.Handler, fields http.Header) hosting {
	server := kestrel.New(kestrel.Options{Handler: handler, Fields: fields})
	return hosting{serve: server.Serve, stop: func(ctx context.Context) {
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	}}
}

func serveRelay(processes *ancm.Processes) hosting {
	relay := &ancm.Relay{Backends: processes}
	return hosting{serve: relay.Serve, processes: processes, stop: func(ctx context.Context) {
		_ = relay.Close() // it cannot tell where a request ends
		processes.Shutdown(ctx)
	}}
}

// processOptions say how the worker starts its app: this executable again, in
// the role of the app.
func (s settings) processOptions() ancm.ProcessOptions {
	o := s.Options
	opt := ancm.ProcessOptions{
		Config:     ancm.DefaultConfig(),
		Attributes: proctree.Attributes{DieWithParent: true, Cgroup: o.Cgroups[RoleApp]},
		Output:     os.Stderr,
		Command: ancm.Command{
			Path:       s.ownExecutable(),
			Name:       s.title(RoleApp),
			Controlled: true,
		},
		UnixSocket: o.Model == ancmbench.OutOfProcessUnix,
		NoToken:    o.Model == ancmbench.Bare || o.Model == ancmbench.Relay,
	}
	if o.RapidFailsPerMinute != 0 {
		opt.Config.RapidFailsPerMinute = o.RapidFailsPerMinute
	}
	opt.Config.Environment = append(opt.Config.Environment,
		ancm.EnvironmentVariable{Name: envRole, Value: RoleApp})
	if o.Model == ancmbench.Relay { // nobody else can say so in the response
		opt.Config.Environment = append(opt.Config.Environment,
			ancm.EnvironmentVariable{Name: envModel, Value: string(o.Model)})
	}
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
