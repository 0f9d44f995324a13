package main

import (
	"fmt"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/models/peers"
)

// parseServer reads NAME=URL or NAME=cmd:LINE.
func parseServer(s string) (ancmbench.Server, error) {
	name, value, found := strings.Cut(s, "=")
	if !found || name == "" || strings.ContainsAny(name, "/@?") || strings.HasPrefix(s, commandPrefix) {
		return ancmbench.Server{}, fmt.Errorf("want NAME=URL, as direct=http://127.0.0.1:5000/ or app=unix:/run/app.sock:/, or NAME=cmd:LINE, as 'app=cmd:node server.js --port {port}'")
	}
	if len(name) > ancmbench.MaxName {
		return ancmbench.Server{}, fmt.Errorf("the name has %d bytes, and may have %d", len(name), ancmbench.MaxName)
	}
	line, isCommand := strings.CutPrefix(value, commandPrefix)
	if !isCommand {
		_, err := parseURL(value)
		return ancmbench.Server{Name: name, URL: value}, err
	}
	if strings.TrimSpace(line) == "" {
		return ancmbench.Server{}, fmt.Errorf("there is no command after cmd:")
	}
	return ancmbench.Server{Name: name, Command: line}, nil
}

// specsOf returns the targets that are measured: of each server how it is reached, or how
// it and all that it stands before are started. What a command is asked is left open.
func specsOf(servers []ancmbench.Server) ([]experiment.TargetSpec, error) {
	var specs []experiment.TargetSpec
	for _, s := range servers {
		if s.Unmeasured {
			continue
		}
		spec := experiment.TargetSpec{Name: s.Name}
		if s.URL != "" {
			t, err := parseURL(s.URL)
			if err != nil {
				return nil, usageError("target %s: %w", s.Name, err)
			}
			spec.Target, spec.Target.Name, spec.Processes = t, s.Name, s.Processes
			specs = append(specs, spec)
			continue
		}
		command := commandOf(s)
		spec.Command = &command
		for at := s; at.Before != ""; { // profiles.Servers has refused circles
			i := slices.IndexFunc(servers, func(o ancmbench.Server) bool { return o.Name == at.Before })
			if i < 0 {
				spec.BehindModel = ancmbench.Model(at.Before)
				break
			}
			at = servers[i]
			spec.Behind = append(spec.Behind, commandOf(at))
		}
		specs = append(specs, spec)
	}
	return specs, nil
}

// commandOf returns how a server is started.
func commandOf(s ancmbench.Server) peers.Command {
	c := peers.Command{Name: s.Name, Line: s.Command, Args: s.Args, Dir: s.Dir, Files: s.Files, Ready: s.Ready, Signal: s.Stop, Log: s.Log}
	for _, v := range s.Env {
		c.Env = append(c.Env, v.Name+"="+v.Value)
	}
	return c
}

// needed returns a usage error that names the programs which a profile needs and this
// machine lacks.
func needed(p ancmbench.Profile) error {
	var missing []string
	for _, name := range p.Needs {
		if _, err := peers.Find(name); err != nil {
			missing = append(missing, name)
		}
	}
	switch len(missing) {
	case 0:
		return nil
	case 1:
		return usageError("profile %s needs the program %s, which is not installed, or not on PATH", p.Name, missing[0])
	}
	return usageError("profile %s needs programs that are not installed, or not on PATH: %s", p.Name, strings.Join(missing, ", "))
}
