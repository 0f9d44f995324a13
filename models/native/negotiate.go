package native

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jcmturner/gokrb5/v8/gssapi"
	"github.com/jcmturner/gokrb5/v8/keytab"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/service"
	"github.com/jcmturner/gokrb5/v8/spnego"
	"github.com/jcmturner/gokrb5/v8/types"

	"ancmbench"
	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
)

// Negotiate passes a request on to Next only if it has a Kerberos ticket for this
// service (RFC 4559, 4178, 4120), and notes the principal, such as "anna@EXAMPLE.ORG",
// in Exchange.User. Other requests get 401 with a challenge: sub-status 2 without a
// ticket, 1 with a bad one. Every request needs a ticket of its own, with a new
// authenticator. A connection does not stand for a user, because a proxy in front may
// send several users' requests over one. A client that asks for it gets a proof of this
// service's identity (RFC 4121, mutual authentication).
//
// There is no NTLM. Replays are detected as long as this process lives. Make it with
// NewNegotiate: the zero value does not work.
type Negotiate struct {
	Next httpsys.Handler
	// Basic, if not nil, checks requests without a ticket: they may have name and
	// password instead. Its Next is not used.
	Basic *Basic

	keys      *keytab.Keytab
	principal string

	// The library looks for a replay and notes the new one in two steps.
	mu sync.Mutex
}

// maxKeytab is the largest size of a keytab, in bytes. A key takes about a hundred.
const maxKeytab = 1 << 20

// NewNegotiate returns a Negotiate with the service's keys from a keytab. principal
// selects the keys, "HTTP/host" or "HTTP/host@REALM"; if empty, the ticket does. It
// fails if the keytab cannot be read or has no key of the principal.
func NewNegotiate(path, principal string) (*Negotiate, error) {
	data, err := ancmbench.ReadWhole(path, maxKeytab)
	if err != nil {
		return nil, fmt.Errorf("keytab: %w", err)
	}
	keys, err := readKeytab(data)
	if err != nil {
		return nil, fmt.Errorf("keytab %s: %w", path, err)
	}
	n := &Negotiate{keys: keys, principal: principal}
	if principal == "" {
		return n, nil
	}
	want, realm, _ := strings.Cut(principal, "@")
	for _, e := range keys.Entries {
		if strings.Join(e.Principal.Components, "/") == want && (realm == "" || e.Principal.Realm == realm) {
			return n, nil
		}
	}
	return nil, fmt.Errorf("keytab %s: has no key of %s", path, principal)
}

// readKeytab returns the keys in a keytab. It fails if there are none, and if the
// parser fails or panics: it trusts the lengths in the file.
func readKeytab(data []byte) (keys *keytab.Keytab, err error) {
	defer func() {
		if p := recover(); p != nil {
			keys, err = nil, errors.New("is not a keytab")
		}
	}()
	keys = keytab.New()
	if err := keys.Unmarshal(data); err != nil {
		return nil, err
	}
	if len(keys.Entries) == 0 {
		return nil, errors.New("has no keys")
	}
	return keys, nil
}

// ServeExchange asks Next or answers 401.
func (n *Negotiate) ServeExchange(x *httpsys.Exchange) {
	given, err := authorization(x.Fields, "negotiate ")
	if err == nil {
		var user string
		var reply []byte
		if user, reply, err = n.accept(given, string(x.Client)); err == nil {
			x.User, x.UserBy = user, "Negotiate"
			if len(reply) > 0 {
				x.Also = append(x.Also, challenge("Negotiate "+base64.StdEncoding.EncodeToString(reply)))
			}
			n.Next.ServeExchange(x)
			return
		}
	}
	challenges := []httpsys.Field{challenge("Negotiate")}
	if n.Basic != nil {
		if errors.Is(err, ErrNoCredentials) {
			var user string
			if user, err = n.Basic.user(x.Fields); err == nil {
				x.User, x.UserBy = user, "Basic"
				n.Next.ServeExchange(x)
				return
			}
		}
		challenges = append(challenges, n.Basic.challenge())
	}
	unauthorized(x, err, challenges)
}

// accept returns the user of a token in base64, and the token to answer with. It fails
// if the ticket is not good.
func (n *Negotiate) accept(given, client string) (user string, reply []byte, err error) {
	defer func() {
		if p := recover(); p != nil { // the library indexes what a client may leave out
			user, reply, err = "", nil, fmt.Errorf("%w: malformed token: %v", ErrWrongCredentials, p)
		}
	}()
	token, err := base64.StdEncoding.Strict().DecodeString(given)
	if err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrWrongCredentials, err)
	}
	request, wrapped, err := apRequest(token)
	if err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrWrongCredentials, err)
	}
	options := []func(*service.Settings){
		service.DecodePAC(false), // names only: what groups Windows puts there is the app's to ask for
	}
	if n.principal != "" {
		options = append(options, service.KeytabPrincipal(n.principal))
	}
	if address, err := types.GetHostAddress(client); err == nil {
		options = append(options, service.ClientAddress(address))
	}
	n.mu.Lock()
	ok, _, err := service.VerifyAPREQ(request, service.NewSettings(n.keys, options...))
	n.mu.Unlock()
	if err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrWrongCredentials, err)
	}
	// The authenticator has a realm too, but that is the client's own word: the
	// library compares the names only.
	ticket := request.Ticket.DecryptedEncPart
	if !ok || request.Authenticator.CRealm != ticket.CRealm || len(ticket.CName.NameString) == 0 {
		return "", nil, fmt.Errorf("%w: the ticket is another's", ErrWrongCredentials)
	}
	if types.IsFlagSet(&request.APOptions, mutualRequired) {
		if reply, err = acceptCompleted(request, wrapped); err != nil {
			return "", nil, fmt.Errorf("%w: mutual authentication: %w", ErrWrongCredentials, err)
		}
	}
	return ticket.CName.PrincipalNameString() + "@" + ticket.CRealm, reply, nil
}

// apRequest returns the ticket in a SPNEGO token, or in a plain Kerberos token (wrapped
// is false), which some clients send. It fails on everything else: the library would
// accept other messages, such as an error.
func apRequest(token []byte) (request *messages.APReq, wrapped bool, err error) {
	var kerberos spnego.KRB5Token
	if kerberos.Unmarshal(token) != nil {
		var outer spnego.SPNEGOToken
		if err := outer.Unmarshal(token); err != nil {
			return nil, false, err
		}
		mechanisms := outer.NegTokenInit.MechTypes
		if !outer.Init || len(mechanisms) == 0 {
			return nil, false, errors.New("the token begins no negotiation")
		}
		// What it brings along is a token of the mechanism that it likes best.
		best := mechanisms[0]
		if !best.Equal(gssapi.OIDKRB5.OID()) && !best.Equal(gssapi.OIDMSLegacyKRB5.OID()) {
			return nil, false, fmt.Errorf("mechanism %v: only Kerberos is spoken here", best)
		}
		if err := kerberos.Unmarshal(outer.NegTokenInit.MechTokenBytes); err != nil {
			return nil, false, err
		}
		wrapped = true
	}
	if !kerberos.IsAPReq() {
		return nil, false, errors.New("the token has no ticket")
	}
	return &kerberos.APReq, wrapped, nil
}

func challenge(value string) httpsys.Field {
	return http1.Make([]byte("WWW-Authenticate"), []byte(value))
}
