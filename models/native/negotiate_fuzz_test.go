package native

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/gssapi"
	"github.com/jcmturner/gokrb5/v8/iana/etypeID"
	"github.com/jcmturner/gokrb5/v8/keytab"
	"github.com/jcmturner/gokrb5/v8/spnego"
)

// No token that nobody has made for us gets through, or breaks anything. The
// seeds are tokens with another service's ticket, as it was made once.
func FuzzNegotiate(f *testing.F) {
	keys := keytab.New()
	if err := keys.AddEntry("HTTP/localhost", "TEST.INVALID", "of the service", time.Unix(1, 0), 1, etypeID.AES256_CTS_HMAC_SHA1_96); err != nil {
		f.Fatal(err)
	}
	n := &Negotiate{keys: keys}
	plain, err := base64.StdEncoding.DecodeString(foreignTicket)
	if err != nil {
		f.Fatal(err)
	}
	outer := spnego.SPNEGOToken{Init: true, NegTokenInit: spnego.NegTokenInit{
		MechTypes: []asn1.ObjectIdentifier{gssapi.OIDKRB5.OID()}, MechTokenBytes: plain}}
	wrapped, err := outer.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	f.Add(wrapped)
	f.Add([]byte{0x60, 0})
	f.Add([]byte{0xa1, 0})
	f.Fuzz(func(t *testing.T, token []byte) {
		user, reply, err := n.accept(base64.StdEncoding.EncodeToString(token), "127.0.0.1:1")
		if !errors.Is(err, ErrWrongCredentials) || user != "" || reply != nil {
			t.Errorf("%x: let in as %q, %v", token, user, err)
		}
	})
}

const foreignTicket = "YIIBzQYJKoZIhvcSAQICAQBuggG8MIIBuKADAgEFoQMCAQ6iBwMFAAAAAACjggElYYIBITCCAR2gAwIBBaEOGwxURVNULklOVkFMSUSiHDAaoAMCAQKhEzAR" +
	"GwRIVFRQGwlsb2NhbGhvc3SjgecwgeSgAwIBEqEDAgEBooHXBIHUhmekgPQLVRMq7kPwomhxKibKBGk7GHhZ0R4BND9RYuI1epguR4fiFLmaIVbV2Uzcct0L" +
	"FJK0wbMgaEtkjY+tF/jgaVTdcF8PFiQ8rqDRFO1M6fhPNKi4UeasQpwU0Y92s6wElG/VjIUBEA0WWP2UmZSQlBiAig0HuzCFMiLwupg4YrQHIyj2rNmOzPim" +
	"n8aFqiqrKTljauCTdcfXXSSxdzGlLEtA81Lg1b8lzdqAg417TCaSv6kODVoo40JGQFGtmigjj1/fmZjLthEHFSXnLGdQSdSkejB4oAMCARKhAwIBAaJsBGrd" +
	"enze+ynSzVZ1f1A/2dwWoZsOrLpQ4TvMIUehNbOPH1oNF74jPzes2MhUOhdV8r4XsoUROd6x4nXJ/p4aYg3uavBiXZKQLIWyUkYpBzoazCxMwY1MFbtYVykO" +
	"8DV9WaxZVmUjm4L4GCFq"
