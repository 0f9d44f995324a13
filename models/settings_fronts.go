package models

import (
	"errors"

	"ancmbench/models/httpsys"
)

// fronts returns the site's front and its further fronts, which differ only in their
// protocols. It fails if one of them cannot be made.
func (s settings) fronts(o httpsys.Options) ([]httpsys.Front, error) {
	first, err := httpsys.New(o)
	if err != nil {
		return nil, err
	}
	further, err := s.furtherFronts(o)
	return append([]httpsys.Front{first}, further...), err
}

// furtherFronts returns the further fronts alone, in the order of Options.Fronts.
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
