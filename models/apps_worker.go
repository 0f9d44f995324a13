//go:build unix || windows

package models

import (
	"context"
	"net/http"
	"sync"

	"ancmbench/models/ancm"
	"ancmbench/models/ancm/eventlog"
	"ancmbench/models/ancm/redact"
)

// sharing returns the site's own application and its others in one worker, and adds
// their folders and processes to h. It fails if one cannot be hosted.
func (s settings) sharing(h *hosting, first ancm.Application, handler http.Handler, recycle func(), say reporter) (*ancm.Applications, error) {
	apps := []ancm.Application{first}
	for _, a := range s.Options.Apps {
		say := say.of(a.Path)
		folder := folderOf(a.WebConfig, recycle, say)
		h.folders = append(h.folders, folder)
		config, err := a.config(s.Options.ModuleVersion)
		if err != nil { // it was right when the site was started
			complain(err)
			say.report(eventlog.ConfigFaulty, "%s cannot be used, and requests get 500.19: %v", a.WebConfig, err)
			apps = append(apps, ancm.Application{Path: a.Path, Next: inFolder(folder, badConfig{}, nil, nil)})
			continue
		}
		h.limit = max(h.limit, s.Options.limit(config))
		say.hide = redact.New(append(s.Options.secrets(), variables(config)...)...)
		own := s
		own.Options.Model = ModelOf(config)
		debug := openDebug(config, say)
		app, err := own.module(handler, config, recycle, debug, say)
		if err != nil {
			return nil, err
		}
		next := told(inFolder(folder, app.next, app.processes, debug), debug)
		apps = append(apps, ancm.Application{Path: a.Path, HostingModel: config.HostingModel, Next: next})
		h.add(app)
	}
	return &ancm.Applications{Apps: apps}, nil
}

// shutDown ends all apps at the same time, those in processes of their own and those of .NET
// in this one, and returns when they are gone.
func (h hosting) shutDown(ctx context.Context) {
	var wg sync.WaitGroup
	for _, p := range h.processes {
		wg.Go(func() { p.Shutdown(ctx) })
	}
	for _, a := range h.own {
		wg.Go(func() { a.Shutdown(ctx) })
	}
	wg.Wait()
}
