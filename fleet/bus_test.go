package fleet

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nats-io/nats.go"
)

// An agent hears what is for all and what is for itself, and nothing that others are told.
func TestAgentsHearNoOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	token, err := NewToken()
	if err == nil {
		err = token.Save(path)
	}
	if err == nil {
		token, err = ReadTokenFile(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	c, err := Open(Options{Version: "v", Bus: BusOptions{Listen: "127.0.0.1:0", Token: token}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(false)
	id, other := newID(), newID()
	for _, hears := range []struct {
		id, subject string
		may         bool
	}{{id, toAll, true}, {id, toAgent + id, true}, {id, toAgent + other, false}, {id, toAgent + "*", false}, {id, ">", false}, {id, toCoordinator, false},
		{"*", toAll, true}, {"*", toAgent + "*", false}, {">", toAgent + ">", false}, {"", toAgent + id, false}} {
		nc, err := dial("nats://"+c.Address(), hears.id, token, "", func(error) {})
		if err != nil {
			t.Fatal(err)
		}
		_, err = nc.SubscribeSync(hears.subject)
		if err == nil {
			err = nc.Flush()
		}
		if err == nil {
			err = nc.LastError()
		}
		if may := err == nil; may != hears.may || !may && !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("%q to %q: %v", hears.id, hears.subject, err)
		}
		nc.Close()
	}
}

// Whoever comes with another token is named at once, and each host once.
func TestRefusedHostsAreSaid(t *testing.T) {
	var said []string
	c, err := Open(Options{Version: "v", Changed: func(text string) { said = append(said, text) }})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(false)
	for _, address := range []string{"192.0.2.7:1", "192.0.2.7:2", "192.0.2.8:1"} {
		c.refuse(address)
	}
	want := []string{"an agent at 192.0.2.7 was refused: it has another token", "an agent at 192.0.2.8 was refused: it has another token"}
	if !slices.Equal(said, want) {
		t.Errorf("%q", said)
	}
	for i, why := range c.Refusals() {
		if why.Error() != want[i] {
			t.Errorf("%v", why)
		}
	}
}
