package native

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
)

// Basic passes a request on to Next only if it has a known name and password (RFC 7617,
// in UTF-8), and notes the name in Exchange.User. Other requests get 401 with a
// challenge: sub-status 2 without credentials, 1 with wrong ones. The app gets the
// Authorization field too, as with IIS.
//
// Passwords are compared in constant time; without TLS they are sent in the clear.
type Basic struct {
	Next httpsys.Handler
	// Users are the passwords by name. A name must have no colon.
	Users map[string]string
	// Realm is what the client is told that it is asked for; it must have no
	// quote, backslash or control character.
	Realm string
}

// Check returns every fault of names, passwords and realm, joined. The error holds no
// password.
func (b *Basic) Check() error {
	var faults []error
	for name, password := range b.Users {
		if name == "" || strings.ContainsFunc(name, func(c rune) bool { return c == ':' || c < ' ' || c == 0x7f }) {
			faults = append(faults, fmt.Errorf("user %q: must be a name without colon or control character", name))
		}
		if strings.ContainsFunc(password, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			faults = append(faults, fmt.Errorf("user %q: the password must have no control character", name))
		}
	}
	if strings.ContainsFunc(b.Realm, func(c rune) bool { return c < ' ' || c == '"' || c == '\\' || c == 0x7f }) {
		faults = append(faults, fmt.Errorf("realm %q: must have no quote, backslash or control character", b.Realm))
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(faults...)
}

// Errors behind a 401.
var (
	ErrNoCredentials    = errors.New("no credentials")
	ErrWrongCredentials = errors.New("wrong credentials")
)

// ServeExchange asks Next or answers 401.
func (b *Basic) ServeExchange(x *httpsys.Exchange) {
	user, err := b.user(x.Fields)
	if err == nil {
		x.User, x.UserBy = user, "Basic"
		b.Next.ServeExchange(x)
		return
	}
	unauthorized(x, err, []httpsys.Field{b.challenge()})
}

func (b *Basic) challenge() httpsys.Field {
	return challenge(`Basic realm="` + b.Realm + `", charset="UTF-8"`)
}

// unauthorized answers 401, with sub-status 2 where there were no credentials.
func unauthorized(x *httpsys.Exchange, err error, challenges []httpsys.Field) {
	substatus := "1"
	if errors.Is(err, ErrNoCredentials) {
		substatus = "2"
	}
	x.Fail(int(substatus[0]-'0'), err)
	fields := append([]httpsys.Field{http1.Make([]byte("X-Ancm-Error"), []byte("401."+substatus))}, challenges...)
	_ = x.WriteHead(401, fields, 0) // a client that has gone needs no answer
}

// authorization returns what follows the scheme, such as "basic ", in the Authorization
// field. It fails unless there is exactly one such field.
func authorization(fields []httpsys.Field, scheme string) (string, error) {
	var given []byte
	n := 0
	for i := range fields {
		if http1.EqualFold(fields[i].Name, "authorization") {
			given = fields[i].Value
			n++
		}
	}
	if n == 0 || n == 1 && (len(given) < len(scheme) || !http1.EqualFold(given[:len(scheme)], scheme)) {
		return "", ErrNoCredentials
	}
	if n > 1 { // the app might believe another of them than we
		return "", fmt.Errorf("%w: %d Authorization fields", ErrWrongCredentials, n)
	}
	return strings.TrimLeft(string(given[len(scheme):]), " "), nil
}

// user returns the name in the request's credentials. It fails if they are missing or
// wrong.
func (b *Basic) user(fields []httpsys.Field) (string, error) {
	given, err := authorization(fields, "basic ")
	if err != nil {
		return "", err
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(given)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrWrongCredentials, err)
	}
	name, password, ok := strings.Cut(string(decoded), ":")
	if !ok {
		return "", fmt.Errorf("%w: no colon", ErrWrongCredentials)
	}
	want, known := b.Users[name]
	// Of equal length, so that the time tells nothing of the password's.
	a, c := sha256.Sum256([]byte(password)), sha256.Sum256([]byte(want))
	if subtle.ConstantTimeCompare(a[:], c[:]) != 1 || !known {
		return "", ErrWrongCredentials
	}
	return name, nil
}
