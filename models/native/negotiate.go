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

// Negotiate lets only those through to Next who show a Kerberos ticket for this
// service (RFC 4559, 4178, 4120), and notes the principal, "anna@EXAMPLE.ORG",
// in Exchange.User. Others get 401 with a challenge: sub-status 2 without a
// ticket, 1 with one that is not good. Every request shows a ticket of its own,
// with a new authenticator: a connection is never taken for a person, because
// what is in front of us may send several people's requests over one. A client
// that asks for it is told in turn who we are (RFC 4121, mutual authentication).
//
// There is no NTLM. Replays are known as long as this process lives.
// The zero value is no module: make it with NewNegotiate.
type Negotiate struct {
	Next httpsys.Handler
	// Basic, if not nil, is for those who come without a ticket: name and password
	// are as good. Its Next is not asked.
	Basic *Basic

	keys      *keytab.Keytab
	principal string

	// The library looks for a replay and notes the new one in two steps.
	mu sync.Mutex
}

// maxKeytab is the size of a keytab beyond which it is refused, in bytes; a key takes
// about a hundred.
const maxKeytab = 1 << 20

// NewNegotiate reads the service's keys from a keytab. principal is whose of them
// is used, "HTTP/host" or "HTTP/host@REALM"; empty takes whichever the ticket is for.
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

// readKeytab: the library's parser trusts the lengths in the file.
func readKeytab(data []byte) (keys *keytab.Keytab, err error) {
	defer func() {
		if p := recover(); p != nil {
			keys, err = nil, errors.New("is no keytab")
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

// accept takes a token, in base64, and gives whose it is and what to answer.
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

// apRequest takes the ticket out of a SPNEGO token, or of a plain Kerberos one
// (wrapped is false), which some clients send. Nothing else is accepted: other
// messages that the library knows, an error among them, it would let through.
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
