package models

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ancmbench"
	"ancmbench/models/ancm/eventlog"
	"ancmbench/models/httpsys"
	"ancmbench/models/native"
)

// NativeModules are other modules of the pipeline, in front of either hosting model
// (BM-03, WA-01). They cost time, so a measurement with some names them
// (ancmbench.TargetInfo).
type NativeModules struct {
	// RequestLog is the file that gets a line per exchange (native.LogFields);
	// empty is none. Workers add to it.
	RequestLog string
	// Users may pass, each with this password (native.Basic); empty is everybody.
	Users map[string]string
	// Keytab is the file with the keys of the service whose Kerberos tickets let
	// pass (native.Negotiate); empty is no Kerberos. With Users too, either will do.
	Keytab string
	// Principal is the service of Keytab, "HTTP/host"; empty is any that is in it.
	Principal string
	// StaticFiles is the folder whose files are sent without asking the app
	// (native.StaticFiles); empty is none.
	StaticFiles string
}

// Names returns the names of the modules in reports, in the order in which a request
// passes them; nil for none.
func (n NativeModules) Names() (names []string) {
	if n.RequestLog != "" {
		names = append(names, "request-log")
	}
	if len(n.Users) > 0 {
		names = append(names, "basic-auth")
	}
	if n.Keytab != "" {
		names = append(names, "negotiate")
	}
	if n.StaticFiles != "" {
		names = append(names, "static-files")
	}
	return names
}

func (n NativeModules) none() bool {
	return n.RequestLog == "" && len(n.Users) == 0 && n.Keytab == "" && n.Principal == "" && n.StaticFiles == ""
}

// check reports every fault at once, and makes the paths absolute: the processes
// may be in another folder.
func (n *NativeModules) check(model ancmbench.Model) (faults []error) {
	if n.none() {
		return nil
	}
	if !model.HasPipeline() {
		faults = append(faults, fmt.Errorf("model %s: has no pipeline for native modules", model))
	}
	if err := (&native.Basic{Users: n.Users}).Check(); err != nil {
		faults = append(faults, err)
	}
	for _, path := range []*string{&n.RequestLog, &n.StaticFiles, &n.Keytab} {
		if *path == "" {
			continue
		}
		if abs, err := filepath.Abs(*path); err == nil {
			*path = abs
		}
	}
	if n.RequestLog != "" {
		if f, err := openRequestLog(n.RequestLog); err != nil {
			faults = append(faults, &Fault{"RequestLog", "", err, "request log"})
		} else if err := f.Close(); err != nil {
			faults = append(faults, &Fault{"RequestLog", "", err, "request log"})
		}
	}
	if n.Keytab != "" {
		if _, err := native.NewNegotiate(n.Keytab, n.Principal); err != nil {
			faults = append(faults, &Fault{Option: "Keytab", Err: err})
		}
	} else if n.Principal != "" {
		faults = append(faults, &Fault{"Principal", n.Principal, errors.New("needs a keytab"), "principal " + n.Principal})
	}
	if n.StaticFiles != "" {
		if info, err := os.Stat(n.StaticFiles); err != nil {
			faults = append(faults, &Fault{"StaticFiles", "", err, "static files"})
		} else if !info.IsDir() {
			faults = append(faults, &Fault{"StaticFiles", n.StaticFiles, errors.New("is not a folder"), "static files: " + n.StaticFiles})
		}
	}
	return faults
}

// openRequestLog opens the file for more lines; a new one gets the columns' names.
func openRequestLog(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		_, err = io.WriteString(f, native.LogFields)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// before puts the modules in front of what a front is to ask. What they open
// stays open as long as the worker lives. complain writes to the worker's log.
func (n NativeModules) before(o *httpsys.Options, say reporter, complain func(error)) error {
	if n.StaticFiles != "" {
		root, err := os.OpenRoot(n.StaticFiles)
		if err != nil {
			return fmt.Errorf("static files: %w", err)
		}
		o.Handler = &native.StaticFiles{Next: o.Handler, Root: root}
	}
	if err := n.authenticate(o); err != nil {
		return err
	}
	if n.RequestLog != "" {
		f, err := openRequestLog(n.RequestLog)
		if err != nil {
			return fmt.Errorf("request log: %w", err)
		}
		o.Log = (&native.RequestLog{W: f, Failed: func(err error) {
			complain(err)
			say.report(eventlog.LogNotWritable, "%v; it goes on once the file can be written", err)
		}, Resumed: func(lost int64) {
			say.report(eventlog.LogWritable, "request log: it can be written again, and %d lines were lost", lost)
		}}).Log
	}
	return nil
}

// authenticate puts what lets only known users through in front.
func (n NativeModules) authenticate(o *httpsys.Options) error {
	var basic *native.Basic
	if len(n.Users) > 0 {
		basic = &native.Basic{Next: o.Handler, Users: n.Users, Realm: "ancmbench"}
	}
	if n.Keytab == "" {
		if basic != nil {
			o.Handler = basic
		}
		return nil
	}
	negotiate, err := native.NewNegotiate(n.Keytab, n.Principal)
	if err != nil {
		return err
	}
	negotiate.Next, negotiate.Basic = o.Handler, basic
	o.Handler = negotiate
	return nil
}

// authentication returns the schemes that the front asks for, as the app is told of
// them (appprocess.EnvAuthentication).
func (n NativeModules) authentication() string {
	text := ""
	if n.Keytab != "" {
		text += "windows;"
	}
	if len(n.Users) > 0 {
		text += "basic;"
	}
	return text // empty is the module's own word for nobody in particular
}
