package models

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/models/internal/proctree"
)

// Proof shows from the process tree and the socket table that the app is hosted as the model
// says, since a program of the user's says nothing of it in its answers. In-process there is no
// process but the worker, and no listening socket but those of the site; out-of-process the
// app has a process of its own that listens. It fails if that is not so, or no app runs yet.
// Where the system does not show it, Proof returns nil: the front's field ModelHeader is then
// the only proof.
func (s *Site) Proof(ctx context.Context) error {
	processes, err := s.Processes(ctx)
	if err != nil {
		return err
	}
	var workers, apps []int
	for _, p := range processes {
		switch p.Role {
		case RoleWorker:
			workers = append(workers, p.PID)
		case RoleApp:
			apps = append(apps, p.PID)
		}
	}
	if len(workers) == 0 {
		return fmt.Errorf("site %s: no worker runs", s.opt.Name)
	}
	if s.opt.Model.HostsApp() {
		err = s.proveInProcess(workers, apps)
	} else {
		err = proveOutOfProcess(workers, apps, s.opt.Model == ancmbench.OutOfProcessUnix)
	}
	if errors.Is(err, proctree.ErrUnknown) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("site %s: the app is not hosted as the model %s says: %w", s.opt.Name, s.opt.Model, err)
	}
	return nil
}

func (s *Site) proveInProcess(workers, apps []int) error {
	if len(apps) > 0 {
		return fmt.Errorf("it has a process of its own, %d", apps[0])
	}
	all, err := withChildren(workers)
	if err != nil {
		return err
	}
	listeners, err := proctree.Owned(all)
	if err != nil {
		return err
	}
	var own []int // by port: one address may be written in several ways
	for _, at := range append([]string{s.address}, s.fronts...) {
		own = append(own, portOf(at))
	}
	var others []string
	for _, l := range listeners {
		if !slices.Contains(own, int(l.Address.Port())) {
			others = append(others, l.Address.String())
		}
	}
	if len(others) > 0 {
		return fmt.Errorf("its worker also listens on %s", strings.Join(others, ", "))
	}
	return nil
}

func proveOutOfProcess(workers, apps []int, unixSocket bool) error {
	if len(apps) == 0 {
		return errors.New("it has no process of its own")
	}
	all, err := withChildren(apps)
	if err != nil {
		return err
	}
	for _, pid := range workers {
		if slices.Contains(all, pid) {
			return fmt.Errorf("it runs in its worker, process %d", pid)
		}
	}
	if unixSocket { // the table has those of TCP
		return nil
	}
	listeners, err := proctree.Owned(all)
	if err == nil && len(listeners) == 0 {
		err = fmt.Errorf("its process %d listens nowhere", apps[0])
	}
	return err
}

// withChildren returns processes and all that descend from them.
func withChildren(pids []int) ([]int, error) {
	all := slices.Clone(pids)
	for _, pid := range pids {
		below, err := proctree.Descendants(pid)
		if err != nil {
			return nil, err
		}
		all = append(all, below...)
	}
	return all, nil
}
