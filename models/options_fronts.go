package models

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
)

var furtherFronts = []string{FrontNetHTTP, FrontTLS, FrontH2C}

// checkFronts returns every fault of Fronts.
func (o Options) checkFronts() (faults []error) {
	if len(o.Fronts) > 0 && !o.Model.HasFronts() {
		faults = append(faults, fmt.Errorf("model %s: passes bytes on as they are, and the app behind it speaks HTTP/1.1 without TLS alone", o.Model))
	}
	for i, f := range o.Fronts {
		if !slices.Contains(furtherFronts, f) {
			faults = append(faults, fmt.Errorf("unknown further front %q: they are %s", f, strings.Join(furtherFronts, ", ")))
		} else if slices.Contains(o.Fronts[:i], f) {
			faults = append(faults, fmt.Errorf("further front %s: given twice", f))
		}
	}
	return faults
}

// checkAddresses returns every fault of the addresses that the fronts listen on.
func (o Options) checkAddresses() (faults []error) {
	if err := checkAddress(o.Listen); err != nil {
		faults = append(faults, &Fault{"Listen", o.Listen, err, fmt.Sprintf("listen %q", o.Listen)})
	}
	byAddress := map[string]string{o.Listen: "the site's own front"}
	for _, front := range slices.Sorted(maps.Keys(o.FrontListen)) {
		address := o.FrontListen[front]
		fault := func(err error) {
			faults = append(faults, &Fault{"FrontListen[" + front + "]", address, err, fmt.Sprintf("front %s: listen %q", front, address)})
		}
		switch err := checkAddress(address); {
		case !slices.Contains(o.Fronts, front):
			faults = append(faults, fmt.Errorf("listen %q: the site has no further front %q", address, front))
		case err != nil:
			fault(err)
		case byAddress[address] != "" && !strings.HasSuffix(address, ":0"):
			fault(errors.New(byAddress[address] + " listens there"))
		default:
			byAddress[address] = "front " + front
		}
	}
	return faults
}

// checkAddress fails unless address is host:port, with a port in numbers or by a name
// that the system knows.
func checkAddress(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return errors.New("must be host:port")
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return fmt.Errorf("port %q is not in 0 to 65535", port)
	}
	return nil
}
