package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/internal/clean"
	"ancmbench/models"
	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/peers"
)

// addAppFlag adds the flag that names the folder of an app.
func addAppFlag(c *cobra.Command, app *string) {
	c.Flags().StringVar(app, "app", "", "folder of an app of your own, with the web.config that says how it is started; as --web-config, but the program must be there")
}

// appFolder sets the path of the web.config from --app, which may not be given beside
// --web-config.
func appFolder(app string, webConfig *string) error {
	switch info, err := os.Stat(app); {
	case app == "":
		return nil
	case *webConfig != "":
		return usageError("--app and --web-config exclude each other: a folder, or its web.config")
	case err != nil:
		return usageError("--app: %w", err)
	case !info.IsDir():
		return usageError("--app: %s is not a folder: give the one that holds the web.config, or the file with --web-config", app)
	}
	found, err := webconfig.Find(app)
	if err != nil {
		return usageError("--app: %w", err)
	}
	*webConfig = found
	return nil
}

// configureProgram reads the web.config, and returns a usage error where it cannot. If it
// names a program, every target runs that program: asked directly, started as the module
// would start it, or behind the module. A model that hosts ancmbench's own app is refused,
// because two apps would be compared. Notes are written to say.
func configureProgram(c *cobra.Command, say io.Writer, f *runFlags, cfg *experiment.Config) error {
	if err := appFolder(f.app, &f.webConfig); err != nil || f.webConfig == "" {
		return err
	}
	var err error
	if f.webConfig, err = webconfig.Find(f.webConfig); err != nil {
		return usageError("--web-config: %w", err)
	}
	config, notices, err := webconfig.Reader{Module: f.module}.ReadFile(f.webConfig)
	if err != nil {
		return usageError("--web-config: %w", err)
	}
	cfg.WebConfig = f.webConfig
	if f.fleet.serveAgent != "" { // the agent has a working directory of its own
		if cfg.WebConfig, err = filepath.Abs(f.webConfig); err != nil {
			return usageError("--web-config: %w", err)
		}
	}
	if note := config.ProgramNote(); note != "" {
		notices = append(notices, note)
	}
	chosen := c.Flags().Changed("model")
	if config.ProcessPath != "" && models.ModelOf(config) == ancmbench.InProcess && !chosen {
		notices = append(notices, notInProcess(f.webConfig, config))
	}
	for _, n := range notices {
		if n != "" {
			fmt.Fprintln(say, "note:", clean.Terminal(n))
		}
	}
	switch {
	case config.ProcessPath == "" && f.app != "":
		return usageError("--app: %s names no program (processPath of <aspNetCore>)", f.webConfig)
	case config.ProcessPath == "":
		return nil
	}
	cfg.Program = programLine(config, f.details)
	pipeline := f.over.tls || f.over.h2 || cfg.Native.Names() != nil || f.fleet.afar()
	which := cfg.Profile.Models
	if !chosen && !hasRungs(which, pipeline) {
		which = programModels(config, pipeline)
	}
	if f.fleet.serveAgent != "" && slices.Contains(which, ancmbench.Direct) {
		return usageError("--model=%s: a program of --app is started directly on this host alone, with its environment: with --serve-agent compare what stands in front of it, as --model=%s,%s",
			ancmbench.Direct, ancmbench.Bare, ancmbench.OutOfProcess)
	}
	which = leaveOutHostless(config, which, cfg)
	which, notes, err := configureDotnet(config, which, chosen && len(which) <= 2, cfg)
	if err != nil {
		return err
	}
	for _, n := range notes {
		fmt.Fprintln(c.ErrOrStderr(), "note:", clean.Terminal(n))
	}
	cfg.Targets, cfg.Profile.Models = nil, which
	for _, m := range which {
		spec, err := programTarget(m, config, models.Options{Model: m, WebConfig: f.webConfig, ModuleVersion: f.module, Native: cfg.Native, PathBase: f.pathBase})
		if err != nil {
			return err
		}
		cfg.Targets = append(cfg.Targets, spec)
	}
	if !f.ownRequests() {
		askRoot(&cfg.Profile)
	}
	return nil
}

// hasRungs reports whether the models of a profile are rungs that a program is measured on,
// as those of breakdown, and not just the two that most profiles have for ancmbench's own app.
// Behind a pipeline they are not: direct has none.
func hasRungs(which []ancmbench.Model, pipeline bool) bool { return len(which) > 2 && !pipeline }

// leaveOutHostless removes from three or more models those that cannot host the program, with
// the reason in cfg.LeftOut. It removes none of two models, because the user named them.
func leaveOutHostless(config webconfig.Config, which []ancmbench.Model, cfg *experiment.Config) []ancmbench.Model {
	var left []ancmbench.Model
	var whys []string
	for _, m := range which {
		if why := models.HostsProgram(m, config); why != nil {
			whys = append(whys, fmt.Sprintf("%s: %v", m, why))
		} else {
			left = append(left, m)
		}
	}
	if len(which) <= 2 || len(left) < 2 {
		return which
	}
	cfg.LeftOut = append(cfg.LeftOut, whys...)
	return left
}

// programModels returns how a program is measured when the user names no model: directly
// and out-of-process; if the file asks for in-process hosting and this build has it, in both
// models and directly. What only a pipeline in front of the program has (TLS, native
// modules, an address that other hosts reach) is compared with the bare forwarder, because
// the program itself has it not.
func programModels(config webconfig.Config, pipeline bool) []ancmbench.Model {
	inProcess := models.ModelOf(config) == ancmbench.InProcess && models.HostsProgram(ancmbench.InProcess, config) == nil
	switch {
	case inProcess && pipeline:
		return []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess}
	case inProcess:
		return []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess, ancmbench.Direct}
	case pipeline:
		return []ancmbench.Model{ancmbench.Bare, ancmbench.OutOfProcess}
	}
	return []ancmbench.Model{ancmbench.Direct, ancmbench.OutOfProcess}
}

// programTarget returns the target that runs the program in a model. The model direct is the
// program itself, which the run starts.
func programTarget(m ancmbench.Model, config webconfig.Config, o models.Options) (experiment.TargetSpec, error) {
	spec := experiment.TargetSpec{Name: string(m), Model: m}
	if err := models.HostsProgram(m, config); err != nil {
		return spec, usageError("--model=%s: %w: compare models that host it, as --model=direct,out-of-process", m, err)
	}
	if m != ancmbench.Direct {
		return spec, nil
	}
	p, err := o.Program()
	if err != nil {
		return spec, usageError("--web-config: %w", err)
	}
	spec.Command = &peers.Command{Name: string(m), Args: p.Args, Dir: p.Dir, Environment: p.Environment, PortVariable: p.PortVariable, StartTimeout: p.StartLimit}
	spec.Header = p.Header
	spec.Target.Expect.Status = 200 // as of the models in front of it
	return spec, nil
}

// askRoot lets the requests that are meant for ancmbench's own app go to the root of the
// user's.
func askRoot(p *ancmbench.Profile) {
	if len(p.Workloads) != 1 {
		return
	}
	old := p.Workloads[0].Name
	p.Workloads = []ancmbench.Workload{{Name: "path", Requests: []ancmbench.Request{{Method: "GET", Path: "/"}}}}
	p.Phases = slices.Clone(p.Phases)
	for i := range p.Phases {
		if p.Phases[i].Workload == old {
			p.Phases[i].Workload = ""
		}
	}
}

// notInProcess says why a program is hosted out-of-process although its web.config says
// in-process; "" if it is not.
func notInProcess(webConfig string, config webconfig.Config) string {
	why := models.HostsProgram(ancmbench.InProcess, config)
	if why == nil {
		return ""
	}
	return fmt.Sprintf("%s: hostingModel is in-process, and %s is hosted out-of-process: %v",
		webConfig, config.ProcessPath, why)
}

// programLine returns the command line of a web.config as a person knows it; without
// details it keeps no folder of this machine and no value that may be a secret.
func programLine(config webconfig.Config, details bool) string {
	path, arguments := config.ProcessPath, config.Arguments
	if !details {
		path, arguments = path[strings.LastIndexAny(path, `/\`)+1:], redactLine(arguments)
	}
	return strings.TrimSpace(path + " " + arguments)
}
