package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"ancmbench"
)

// ErrCredentials is wrapped by the error of a NATS server that does not take what the user
// gave for it, and of a file without credentials.
var ErrCredentials = errors.New("the credentials are not taken")

// credentialsMost is the largest file of credentials that is accepted.
const credentialsMost = 64 << 10

// ReadCredentials reads the user's credentials for a NATS server. It fails if the file
// cannot be read, or has no user JWT or no seed.
func ReadCredentials(path string) ([]byte, error) {
	data, err := ancmbench.ReadInput(path, credentialsMost)
	if err != nil {
		return nil, err
	}
	if _, err := nkeys.ParseDecoratedUserNKey(data); err != nil {
		return nil, fmt.Errorf("%s: has no credentials of a NATS user (a user JWT and its seed)", path)
	}
	if word, err := nkeys.ParseDecoratedJWT(data); err != nil || word == "" {
		return nil, fmt.Errorf("%s: has a seed, but no user JWT", path)
	}
	return data, nil
}

// shownAddress returns the URL of a server without the password that may be in it.
func shownAddress(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "the address that was given"
	}
	return u.Redacted()
}

// isAuth reports whether a server refused who connects.
func isAuth(err error) bool {
	for _, is := range []error{nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrAccountAuthExpired} {
		if errors.Is(err, is) {
			return true
		}
	}
	return false
}

// natsFault returns the error of a NATS server of the user's in one sentence.
func natsFault(at string, err error) error {
	at = shownAddress(at)
	switch {
	case isAuth(err):
		return fmt.Errorf("the NATS server at %s: %w: %w", at, ErrCredentials, err)
	case errors.Is(err, nats.ErrPermissionViolation):
		return fmt.Errorf("the NATS server at %s does not let this user publish and subscribe to ancmbench.>: %w", at, err)
	}
	return fmt.Errorf("the NATS server at %s cannot be used: %w", at, err)
}

// aloneMost is how long a coordinator waits for a word of another one.
const aloneMost = time.Second

// another reports whether another coordinator uses the same subjects of the same server:
// both would give orders to the same agents. A server says at once if nobody listens.
func another(nc *nats.Conn, id string) (bool, error) {
	sub, err := nc.SubscribeSync(toAgent + id)
	if err != nil {
		return false, err
	}
	defer func() { _ = sub.Unsubscribe() }() // fails only if the connection is closed
	data, err := json.Marshal(message{From: id, Op: opWho, Call: 1})
	if err != nil {
		return false, err
	}
	frames, err := split(data)
	if err != nil {
		return false, err
	}
	for _, f := range frames {
		if err := nc.PublishRequest(toCoordinator, toAgent+id, f); err != nil {
			return false, err
		}
	}
	_, err = sub.NextMsg(aloneMost)
	if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, nats.ErrTimeout) {
		return false, nil
	}
	return err == nil, err
}
