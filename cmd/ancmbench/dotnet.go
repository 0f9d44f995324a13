package main

import (
	"errors"
	"fmt"
	"slices"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/dotnet/published"
)

// configureDotnet looks at a program before anything starts. If it is an app in .NET that this
// machine cannot run, or not in-process although the user asked for that, it returns a usage
// error of one sentence. It returns which of the models are left, with a note for the user
// where in-process hosting is left out or was not tested. Any other program stays as it is.
func configureDotnet(config webconfig.Config, which []ancmbench.Model, chosen bool, cfg *experiment.Config) (left []ancmbench.Model, notes []string, err error) {
	app, err := published.Read(config)
	switch {
	case errors.Is(err, published.ErrOtherProgram):
		return which, nil, nil
	case err != nil:
		return nil, nil, usageError("--app: %w", err)
	}
	if err := app.Check(); err != nil {
		return nil, nil, usageError("--app: %w", err)
	}
	if app.Config.UsesASPNETCore() {
		cfg.ASPNETCore = app.Version()
	}
	if !slices.Contains(which, ancmbench.InProcess) {
		return which, nil, nil
	}
	if err := app.CheckInProcess(); err != nil {
		if chosen {
			return nil, nil, usageError("--model=%s: %w", ancmbench.InProcess, err)
		}
		left := slices.DeleteFunc(slices.Clone(which), func(m ancmbench.Model) bool { return m == ancmbench.InProcess })
		return left, []string{fmt.Sprintf("in-process is left out: %v", err)}, nil
	}
	if note := app.Note(); note != "" {
		notes = append(notes, note)
	}
	return which, notes, nil
}
