package models

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"ancmbench"
	"ancmbench/models/httpsys"
)

// Check returns every fault of the options, joined, as Start would. It starts nothing.
func (o Options) Check() error {
	_, _, err := o.check()
	return err
}

// check returns the options with their defaults filled in, and the name of the front.
// Its error joins every fault.
func (o Options) check() (_ Options, front string, _ error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if !slices.Contains(ancmbench.Models, o.Model) {
		fault("unknown model %q", o.Model)
	} else if o.Model.Proxy() {
		fault("model %s: is a proxy of this machine and not a bundled model; package peers starts it", o.Model)
	}
	if o.Name == "" {
		o.Name = string(o.Model)
	}
	if o.Front == "" {
		o.Front = httpsys.Auto
	}
	front, err := frontOf(o)
	if err != nil {
		faults = append(faults, &Fault{Option: "Front", Err: cmp.Or(errors.Unwrap(err), err), about: "front"})
	}
	faults = append(faults, o.checkFronts()...)
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	faults = append(faults, o.checkAddresses()...)
	for role, dir := range o.Cgroups {
		if !slices.Contains([]string{RoleWAS, RoleWorker, RoleApp}, role) {
			fault("cgroup %s: unknown role %q", dir, role)
		}
	}
	for _, c := range o.CPUs {
		if c < 0 {
			fault("CPU %d: must not be negative", c)
		}
	}
	for _, kv := range o.Env {
		if name, _, ok := strings.Cut(kv, "="); !ok || name == "" {
			fault("environment variable %q: must be NAME=value", name)
		}
	}
	switch {
	case o.GOMAXPROCS < 0:
		fault("GOMAXPROCS %d: must be positive", o.GOMAXPROCS)
	case o.GOMAXPROCS > 0:
	case len(o.CPUs) > 0:
		o.GOMAXPROCS = len(o.CPUs)
	default:
		o.GOMAXPROCS = runtime.NumCPU()
	}
	if o.WebConfig != "" {
		if path, err := filepath.Abs(o.WebConfig); err == nil {
			o.WebConfig = path // the processes may be in another folder
		}
	}
	faults = append(faults, o.checkModule()...)
	faults = append(faults, o.Native.check(o.Model)...)
	faults = append(faults, o.ClientCertificates.check(slices.Contains(o.Fronts, FrontTLS))...)
	if err := o.checkPathBase(); err != nil {
		faults = append(faults, err)
	}
	faults = append(faults, o.checkApps()...)
	if o.Grace < 0 {
		fault("grace %v: must not be negative", o.Grace)
	}
	return o, front, errors.Join(faults...)
}

// checkModule returns every fault of the module's configuration.
func (o Options) checkModule() (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if c, _, err := o.module(); err != nil {
		faults = append(faults, err)
	} else if c.ProcessPath != "" && o.Model == ancmbench.OutOfProcessUnix {
		fault("model %s: cannot give a Unix socket to a program of processPath", o.Model)
	} else if err := c.Check(); err != nil {
		faults = append(faults, err)
	}
	switch {
	case o.ModuleVersion != "" && o.ModuleVersion != "v1" && o.ModuleVersion != "v2":
		faults = append(faults, &Fault{"ModuleVersion", o.ModuleVersion, errors.New("must be v1 or v2"), fmt.Sprintf("module %q", o.ModuleVersion)})
	case o.ModuleVersion == "v1" && o.Model == ancmbench.InProcess:
		fault("model %s: the module before ASP.NET Core 2.2 (v1) is out-of-process only", o.Model)
	}
	if o.ReadinessPoll < 0 || o.ReadinessPoll > time.Hour {
		faults = append(faults, &Fault{"ReadinessPoll", o.ReadinessPoll.String(), errors.New("must not be negative, nor more than 1h"), fmt.Sprintf("readiness poll %v", o.ReadinessPoll)})
	}
	return faults
}

// frontOf returns the name of the front that a site with these options runs on, empty
// for a model without one. It fails if there is no front o.Front, also when the model
// is unknown: both faults are reported at once.
func frontOf(o Options) (string, error) {
	if slices.Contains(ancmbench.Models, o.Model) && !o.Model.HasPipeline() {
		return "", nil
	}
	f, err := httpsys.New(httpsys.Options{Kind: o.Front, Handler: httpsys.HandlerFunc(func(*httpsys.Exchange) {})})
	if err != nil {
		return "", err
	}
	return f.Kind(), nil
}
