package main

import (
	"errors"
	"fmt"

	"ancmbench/models"
)

// flagOfOption maps the options of a site to the flags that set them.
var flagOfOption = map[string]string{
	"Front": "--front", "Listen": "--listen", "FrontListen[tls]": "--tls-listen", "FrontListen[h2c]": "--h2c-listen",
	"ModuleVersion": "--module", "ReadinessPoll": "--readiness-poll", "RequestLog": "--request-log",
	"StaticFiles": "--static-files", "Keytab": "--negotiate-keytab", "Principal": "--negotiate-principal",
	"PathBase": "--path-base", "ClientCertificates.Mode": "--client-certificates", "ClientCertificates.CAFile": "--client-ca",
}

// byFlag rewrites a fault of the options of a site with the names of the flags. A fault that
// belongs to no single flag keeps its words.
func byFlag(err error) error {
	switch e := err.(type) {
	case *models.OptionsError:
		return byFlag(e.Err)
	case interface{ Unwrap() []error }:
		var faults []error
		for _, one := range e.Unwrap() {
			faults = append(faults, byFlag(one))
		}
		return errors.Join(faults...)
	case *models.Fault:
		flag, known := flagOfOption[e.Option]
		switch {
		case !known:
			return e
		case e.Value == "":
			return fmt.Errorf("%s: %w", flag, e.Err)
		}
		return fmt.Errorf("%s %s: %w", flag, e.Value, e.Err)
	}
	return err
}

// oneByOne returns the errors that were joined in err, and none for nil.
func oneByOne(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var out []error
	for _, one := range joined.Unwrap() {
		out = append(out, oneByOne(one)...)
	}
	return out
}
