//go:build unix || windows

package models

import (
	"context"
	"net/http"
	"sync"

	"ancmbench/models/ancm"
)

// sharing puts the site's other applications beside its own, in one worker.
func (s settings) sharing(first ancm.Application, processes []*ancm.Processes, handler http.Handler, recycle func()) (*ancm.Applications, []*ancm.Processes, error) {
	apps := []ancm.Application{first}
	for _, a := range s.Options.Apps {
		folder := folderOf(a.WebConfig, recycle)
		config, err := s.Options.appConfig(a)
		if err != nil { // it was right when the site was started
			complain(err)
			apps = append(apps, ancm.Application{Path: a.Path, Next: inFolder(folder, badConfig{}, nil, nil)})
			continue
		}
		own := s
		own.Options.Model = ModelOf(config)
		debug := openDebug(config)
		next, ps, err := own.module(handler, config, debug)
		if err != nil {
			return nil, nil, err
		}
		next = told(inFolder(folder, next, ps, debug), debug)
		apps = append(apps, ancm.Application{Path: a.Path, HostingModel: config.HostingModel, Next: next})
		processes = append(processes, processesOf(ps)...)
	}
	return &ancm.Applications{Apps: apps}, processes, nil
}

// processesOf is a list of what there is.
func processesOf(p *ancm.Processes) []*ancm.Processes {
	if p == nil {
		return nil
	}
	return []*ancm.Processes{p}
}

// shutDown ends the processes of all apps, side by side.
func shutDown(ctx context.Context, processes []*ancm.Processes) {
	var wg sync.WaitGroup
	for _, p := range processes {
		wg.Go(func() { p.Shutdown(ctx) })
	}
	wg.Wait()
}
