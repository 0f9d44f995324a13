package models

import (
	"errors"

	"ancmbench/models/httpsys"
)

// fronts makes the site's front and its further ones, the same but for what they
// speak.
func (s settings) fronts(o httpsys.Options) ([]httpsys.Front, error) {
	first, err := httpsys.New(o)
	if err != nil {
		return nil, err
	}
	further, err := s.furtherFronts(o)
	return append([]httpsys.Front{first}, further...), err
}

// furtherFronts makes the further fronts alone.
func (s settings) furtherFronts(o httpsys.Options) (out []httpsys.Front, err error) {
	var faults []error
	for _, name := range s.Options.Fronts {
		further := o
		further.Kind = httpsys.Auto
		if name == FrontNetHTTP {
			further.Kind = httpsys.NetHTTP
		}
		further.H2C = name == FrontH2C
		if name == FrontTLS {
			if further.TLSConfig, err = s.Identity.config(s.Options.ClientCertificates); err != nil {
				faults = append(faults, err)
			}
		}
		f, err := httpsys.New(further)
		if err != nil {
			faults = append(faults, err)
		}
		out = append(out, f)
	}
	return out, errors.Join(faults...)
}
