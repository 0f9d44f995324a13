package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/models/peers"
	"ancmbench/profiles"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// profileOfGate returns the profile of the gate's budgets, which it also measures by unless
// there is a stored run to compare with. A run that is judged again has its own profile,
// unless the flag names another.
func profileOfGate(c *cobra.Command, f *gateFlags) (ancmbench.Profile, error) {
	if f.result != "" && !c.Flags().Changed("profile") {
		run, err := readRun(f.result)
		if err != nil {
			return ancmbench.Profile{}, nil // is read again where it is judged, after the flags
		}
		return run.Profile, nil
	}
	return loadProfile(f.profile)
}

// loadProfile reads a profile and checks its budgets by the gate's syntax.
func loadProfile(nameOrFile string) (ancmbench.Profile, error) {
	p, _, err := loadProfileFor(nameOrFile)
	return p, err
}

// loadProfileFor is loadProfile. own reports whether the profile's workloads are meant for
// servers of the user's: those of embedded profiles without targets are the bundled app's.
func loadProfileFor(nameOrFile string) (p ancmbench.Profile, own bool, err error) {
	check := func(text string) error {
		_, err := gate.ParseBudget(text)
		return err
	}
	given := map[string]bool{}
	p, err = profiles.Loader{Budget: check, Given: func(key string) { given[key] = true }}.Load(nameOrFile)
	own = given["workloads"] && (given["targets"] || !slices.Contains(profiles.Names(), nameOrFile))
	var unread *profiles.Unread
	switch {
	case errors.As(err, &unread):
		return p, own, usageError("--profile %q: %w", unread.Name, unread.Err)
	case err != nil: // faults, which have file and line
		return p, own, usageError("%w", err)
	}
	return p, own, nil
}

// gateOf makes the gate out of the flags, and reads the stored run.
func gateOf(f *gateFlags) (gate.Gate, *ancmbench.Run, error) {
	g := gate.Gate{Target: f.target, AllowInconclusive: f.allow, AllowEnvironment: f.allowEnv}
	var faults []error
	margin, err := parseShare(f.margin)
	if err != nil {
		faults = append(faults, fmt.Errorf("--margin %s: %w", f.margin, err))
	}
	g.Metrics = gatedMetrics(f.metrics, margin, &faults)
	if g.Budgets, err = gate.ParseBudgets(f.budgets); err != nil {
		var wrong gate.BudgetFaults
		errors.As(err, &wrong)
		for _, b := range wrong { // those of the profile were read with it
			faults = append(faults, fmt.Errorf("--budget %q: %w", b.Text, b.Err))
		}
	}
	commands := f.commands()
	faults = append(faults, alone(f, commands)...)
	switch {
	case f.baseRev != "" && (f.base != "" || f.head != ""):
		faults = append(faults, errors.New("--base-rev and --base/--head exclude each other"))
	case f.baseRev != "" && f.start == "":
		faults = append(faults, errors.New("--base-rev needs --start"))
	case commands && f.baseRev == "" && (f.base == "" || f.head == ""):
		faults = append(faults, errors.New("--base and --head go together"))
	case commands && len(f.against) > 0:
		faults = append(faults, errors.New("--against compares with a stored run; --base and --head compare two commands now"))
	case len(f.against) > 0 && f.absolute:
		g.Form = gate.AgainstStored
	case len(f.against) > 0:
		g.Form = gate.PenaltyAgainstStored
	case commands || (f.result != "" || f.servers != nil) && len(f.budgets) == 0:
		g.Form = gate.HeadAgainstBase
	case len(f.budgets) > 0:
		g.Form, g.Metrics = gate.BudgetsOnly, nil
	default:
		faults = append(faults, errors.New("nothing to compare: give --base and --head, --base-rev, --against, --budget or --result, two servers by --target NAME=..., or a profile with budgets"))
	}
	if len(faults) > 0 {
		return g, nil, usageError("%w", errors.Join(faults...))
	}
	if len(f.against) == 0 {
		return g, nil, nil
	}
	stored, err := readStored(f, &g)
	return g, stored, err
}

// alone returns the faults of flags that would have no effect, because a user who gives
// one expects an effect.
func alone(f *gateFlags, commands bool) []error {
	var faults []error
	fault := func(when bool, format string, args ...any) {
		if when {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	fault(f.baseRev == "" && (f.build != "" || f.start != ""), "--build and --start go with --base-rev")
	fault(len(f.against) == 0 && f.absolute, "--absolute goes with --against")
	fault(len(f.against) == 0 && (f.history != "" || f.betweenRuns != ""), "--history and --between-runs go with --against")
	fault(f.allowEnv && !f.absolute, "--allow-env-mismatch goes with --absolute")
	fault(commands && f.own(), "--base, --head and --base-rev name what is compared: they take no --target NAME=..., --app or --web-config")
	fault(f.baseRev != "" && f.fleet.serveAgent != "", "--base-rev checks both revisions out on this host, and --serve-agent starts the servers on another one: give --base and --head, for what is built there")
	fault(f.servers != nil && (f.app != "" || f.webConfig != ""), "--target NAME=... and --app exclude each other: servers of your own, or an app behind our module")
	fault(f.result != "" && f.own(), "--result judges a run that was measured before: nothing is started, so it takes no --target NAME=..., --app or --web-config")
	fault(f.result != "" && commands, "--result judges a run that was measured before: nothing is started, so it takes no --base, --head or --base-rev")
	asked := commands || f.app != "" || f.webConfig != ""
	fault(!asked && f.targetPath != "/", "--path is requested from the servers of commands or from an app: it goes with --base and --head, --base-rev or --app")
	fault(asked && (!strings.HasPrefix(f.targetPath, "/") || strings.ContainsFunc(f.targetPath, func(r rune) bool { return r <= ' ' || r == 0x7f })),
		"--path %q: must begin with a slash, without any space or control character", f.targetPath)
	most := stats.Plan{}.Filled().Most
	fault(f.targetPath != "/" && len(f.asked.requests) > 0, "--request has the method and the path: it takes no --path")
	fault(f.launches > most, "--launches %d: the gate decides after at most %d fresh starts", f.launches, most)
	return faults
}

// gateProfile returns the profile that the gate measures by: p, or that of the stored run,
// with its rate, connections, engine and dealing. The flags that gate and run have in common
// override it.
func gateProfile(c *cobra.Command, f *gateFlags, p ancmbench.Profile, stored *ancmbench.Run) (ancmbench.Profile, *runFlags, error) {
	rf := &runFlags{asked: f.asked, model: f.model, profile: f.profile, rate: f.rate, launches: f.launches, engine: f.engine, maxTime: f.maxTime,
		targets: f.servers, processes: f.processes, app: f.app, webConfig: f.webConfig, details: f.details}
	if c.Flags().Changed("path") && (rf.app != "" || rf.webConfig != "") {
		rf.asked.path = f.targetPath
	}
	_, rf.own, _ = loadProfileFor(f.profile) // its faults are found with the profile
	if stored != nil {
		given := p
		p = stored.Profile
		p.Targets, p.Needs = given.Targets, given.Needs // the stored run has their names alone
		rf.stored = stored
		if experiment.IsWithheld(p) && c.Flags().Changed("profile") {
			p.Workloads = given.Workloads
		}
	}
	err := override(c, rf, &p, true)
	return p, rf, err
}

// checkMeasuring reports what is wrong with the profile and with the flags over it,
// before anything is measured.
func checkMeasuring(c *cobra.Command, f *gateFlags) error {
	p, err := loadProfile(f.profile)
	if err == nil {
		_, _, err = gateProfile(c, f, p, nil)
	}
	return err
}

// gateMeasures returns what is wrong with the flags that say how to measure. They would have
// no effect on a run that is judged again.
func gateMeasures(c *cobra.Command, f *gateFlags, g gate.Gate, p ancmbench.Profile, stored *ancmbench.Run) error {
	var faults []error
	if f.result != "" {
		names := []string{"model", "rate", "launches", "max-time", "engine", "seed", "out", "processes"}
		for _, asks := range askedShown {
			if asks.name != "path" { // has its own sentence
				names = append(names, asks.name)
			}
		}
		for _, name := range names {
			if c.Flags().Changed(name) {
				faults = append(faults, usageError("--%s says how to measure, and --result judges a run that was measured before", name))
			}
		}
		return errors.Join(faults...)
	}
	if err := again(f, p, stored); err != nil {
		return err
	}
	p, rf, err := gateProfile(c, f, p, stored)
	faults = append(faults, err)
	if f.processes != nil && f.commands() {
		faults = append(faults, usageError("--processes is for servers that run already, and the gate starts its commands itself"))
	}
	cfg := experiment.Config{Profile: p, Targets: commandTargets(f.targetPath, peers.Command{}, peers.Command{})}
	if !f.commands() {
		faults = append(faults, takeTargets(c, rf, &cfg, io.Discard))
	}
	faults = append(faults, gateAsks(f, rf, &cfg.Profile, cfg.Targets, stored))
	if errors.Join(faults...) == nil && g.Form != "" { // else what is wrong with it is said
		faults = append(faults, undecidable(g, cfg, stored))
	}
	return errors.Join(faults...)
}

// gateAsks sets what the targets are asked, as run does, and refuses requests of a stored run
// that its file does not have.
func gateAsks(f *gateFlags, rf *runFlags, p *ancmbench.Profile, targets []experiment.TargetSpec, stored *ancmbench.Run) error {
	if err := rf.ask(p, targets, rf.ownRequests()); err != nil {
		return err
	}
	if stored != nil && experiment.IsWithheld(*p) {
		return usageError("--against: the requests of the stored run have values that were left out of its file, so that they cannot be sent again: name its profile with --profile, give them by --header, --body and --request, or store a run that was measured with --with-host-details")
	}
	return nil
}

// namedTarget adds the flag that names a target to the error of a gate that needs a name.
func namedTarget(err error) error {
	if errors.Is(err, gate.ErrSeveral) {
		return fmt.Errorf("%w (--target NAME)", err)
	}
	return err
}

// undecidable returns an error for a planned run that the gate could not decide.
func undecidable(g gate.Gate, cfg experiment.Config, stored *ancmbench.Run) error {
	if err := cfg.Check(); err != nil {
		return usageError("%w", err)
	}
	planned := &ancmbench.Run{Profile: cfg.Profile, Plan: experiment.Plan(cfg)}
	for _, a := range cfg.Targets {
		planned.Targets = append(planned.Targets, ancmbench.TargetInfo{Name: a.Name, Model: a.Model})
	}
	if cfg.Profile.Twin { // as the run will add it
		planned.Targets = append(planned.Targets, ancmbench.TargetInfo{Name: cfg.Targets[0].Name + " (twin)", TwinOf: cfg.Targets[0].Name})
	}
	if has := func(t ancmbench.TargetInfo) bool { return t.Name == g.Target }; g.Target != "" && !slices.ContainsFunc(planned.Targets[1:], has) {
		return usageError("--target %s: nothing beside the baseline %s has this name", g.Target, planned.Targets[0].Name)
	}
	var faults []error
	for _, why := range g.Undecidable(planned, stored) {
		faults = append(faults, usageError("nothing could be decided: %s%s", why, hintFor(why)))
	}
	return errors.Join(faults...)
}

// hintFor returns the flag that names a target, for a sentence that asks for one.
func hintFor(why string) string {
	if strings.HasPrefix(why, gate.ErrSeveral.Error()) {
		return " (--target NAME)"
	}
	return ""
}

// again returns an error if the gate cannot measure a stored run again by itself: it starts
// the bundled models, and what the flags or the profile name.
func again(f *gateFlags, p ancmbench.Profile, stored *ancmbench.Run) error {
	servers := f.servers != nil || p.Targets != nil
	program := f.app != "" || f.webConfig != ""
	switch {
	case stored == nil:
		return nil
	case stored.Subject == ancmbench.SubjectReference && !servers && !program,
		ofProgram(stored) && program,
		(stored.Subject == ancmbench.SubjectServers || stored.Subject == ancmbench.SubjectBoth) && servers:
		return nil
	case ofProgram(stored):
		return usageError("--against: the stored run is of %s: name that program again with --app or --web-config, or measure it with 'ancmbench run' and give that run as --result", stored.Program)
	case stored.Subject == ancmbench.SubjectServers || stored.Subject == ancmbench.SubjectBoth:
		return usageError("--against: the stored run is of servers of your own (%s): name them again with --target NAME=... or with the --profile that has them, or measure them with 'ancmbench run' and give that run as --result",
			words.List(figures.OwnServers(stored)))
	case stored.Subject == ancmbench.SubjectReference:
		return usageError("--against: the stored run is of %s, and the flags or the profile name servers or a program of your own", stored.Subject)
	}
	return usageError("--against: the stored run is of %s, which a gate cannot start: measure them with 'ancmbench run', and give that run as --result", stored.Subject)
}

// takeTargets sets the targets of cfg from the flags and its profile, with the program of a
// web.config, about which it writes notes to say.
func takeTargets(c *cobra.Command, rf *runFlags, cfg *experiment.Config, say io.Writer) error {
	var err error
	if cfg.Targets, cfg.LeftOut, err = targetsOf(c, rf, &cfg.Profile); err != nil {
		return err
	}
	if rf.app == "" && rf.webConfig == "" {
		return nil
	}
	return configureProgram(c, say, rf, cfg)
}

// ofProgram reports whether a run is of a program of the user's, hosted by our models.
func ofProgram(run *ancmbench.Run) bool {
	return run.Subject == ancmbench.SubjectProgram || run.Subject.Dotnet()
}
