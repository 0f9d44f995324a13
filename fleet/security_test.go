package fleet_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/fleet"
	"ancmbench/loadgen/vegeta"
)

func newToken(t *testing.T) *fleet.Token {
	t.Helper()
	token, err := fleet.NewToken()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// runsUntil runs an agent and returns how it ends; a context error if it goes on trying.
func runsUntil(t *testing.T, most time.Duration, opt fleet.AgentOptions) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	return fleet.RunAgent(ctx, opt)
}

// An agent does not talk to a coordinator with another certificate, whatever its token.
func TestAgentKnowsItsCoordinator(t *testing.T) {
	_, _, url := listening(t)
	err := runsUntil(t, time.Minute, loadAgent(t, url, newToken(t)))
	if err == nil || !strings.Contains(err.Error(), "another certificate") {
		t.Errorf("it ended with %v", err)
	}
}

// A coordinator takes no agent without its token, although the certificate is right.
func TestCoordinatorTakesOnlyItsToken(t *testing.T) {
	c, token, url := listening(t)
	forged := forge(t, token, newToken(t))
	err := runsUntil(t, time.Minute, loadAgent(t, url, forged))
	if err == nil || !strings.Contains(err.Error(), "does not take this token") {
		t.Errorf("it ended with %v", err)
	}
	var missing *fleet.Missing
	if err := c.Await(t.Context(), 1, 0, time.Millisecond); !errors.As(err, &missing) || !strings.Contains(err.Error(), "an agent at 127.0.0.1 was refused: it has another token") {
		t.Errorf("the coordinator says %v", err)
	}
	none := loadAgent(t, url, nil) // no TLS either
	if err := runsUntil(t, 2*time.Second, none); !errors.Is(err, context.DeadlineExceeded) && (err == nil || strings.Contains(err.Error(), "over")) {
		t.Errorf("without a token it ended with %v", err)
	}
	if got := c.Members(t.Context()); len(got) != 0 {
		t.Errorf("joined: %+v", got)
	}
}

// forge returns a token with the certificate of one and the secret of another.
func forge(t *testing.T, cert, secret *fleet.Token) *fleet.Token {
	t.Helper()
	var a, b strings.Builder
	if err := errors.Join(cert.Write(&a), secret.Write(&b)); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(a.String(), "-----END ANCMBENCH TOKEN-----\n")
	first, _, _ := strings.Cut(b.String(), "-----END ANCMBENCH TOKEN-----\n")
	path := filepath.Join(t.TempDir(), "forged")
	if err := os.WriteFile(path, []byte(first+"-----END ANCMBENCH TOKEN-----\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	token, err := fleet.ReadTokenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// Both sides name both versions when they differ.
func TestVersionsMustMatch(t *testing.T) {
	c, token, url := listening(t)
	opt := loadAgent(t, url, token)
	opt.Version = "test-2"
	err := runsUntil(t, time.Minute, opt)
	if !errors.Is(err, fleet.ErrVersion) || !strings.Contains(err.Error(), "test-1") || !strings.Contains(err.Error(), "test-2") {
		t.Errorf("the agent ended with %v", err)
	}
	var missing *fleet.Missing
	err = c.Await(t.Context(), 1, 0, 10*time.Millisecond)
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "test-1") || !strings.Contains(err.Error(), "test-2") {
		t.Errorf("the coordinator says %v", err)
	}
}

// Without a token a port is opened on loopback only.
func TestNobodyListensWithoutAToken(t *testing.T) {
	for _, at := range []string{"0.0.0.0:0", ":0", "[::]:0", "localhost:0", "192.0.2.1:4333"} {
		if c, err := fleet.Open(fleet.Options{Version: version, Bus: fleet.BusOptions{Listen: at}}); err == nil || !strings.Contains(err.Error(), "token") {
			t.Errorf("%s: %v", at, err)
			if err == nil {
				c.Close(false)
			}
		}
	}
	c, err := fleet.Open(fleet.Options{Version: version, Bus: fleet.BusOptions{Listen: "127.0.0.1:0"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(false)
	join(t, 1, loadAgent(t, "nats://"+c.Address(), nil))
	await(t, c, 1)
}

// A port that is taken is an error, and not the end of the process.
func TestTakenPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := fleet.Open(fleet.Options{Bus: fleet.BusOptions{Listen: l.Addr().String()}}); err == nil || !strings.Contains(err.Error(), "agents cannot join at") {
		t.Errorf("got %v", err)
	}
}

// A token file is for its owner alone, is never overwritten, and is refused if a part of
// it is missing.
func TestTokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t")
	if err := newToken(t).Save(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if newToken(t).Save(path) == nil {
		t.Error("a token file was overwritten")
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"empty": "", "cut short": string(whole[:len(whole)/2]), "foreign": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"twice": string(whole) + string(whole)} {
		bad := filepath.Join(t.TempDir(), "bad")
		if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := fleet.ReadTokenFile(bad); err == nil {
			t.Errorf("%s: it is taken for a token file", name)
		}
	}
}

// A serving agent starts no command, and uses no file, unless its host allows it.
func TestServingAgentStartsOnlyModels(t *testing.T) {
	c, token, url := listening(t)
	opt := loadAgent(t, url, token)
	started := 0
	opt.Load, opt.Serve = false, true
	opt.Start = func(context.Context, targets.Spec, targets.Place, func(ancmbench.SiteEvent)) (targets.Running, error) {
		started++
		return nil, errors.New("started")
	}
	join(t, 1, opt)
	if err := c.Await(t.Context(), 0, 1, time.Minute); err != nil {
		t.Fatal(err)
	}
	var command targets.Spec // as a message brings it
	if err := json.Unmarshal([]byte(`{"Name":"x","Command":{"Line":"touch /tmp/x"}}`), &command); err != nil || command.Command == nil {
		t.Fatal(command, err)
	}
	model := targets.Spec{Name: "x", Model: ancmbench.InProcess}
	for name, try := range map[string]struct {
		spec  targets.Spec
		place targets.Place
	}{"command": {command, targets.Place{}}, "web.config": {model, targets.Place{WebConfig: "/srv/web.config"}},
		"a path as a name": {targets.Spec{Name: "../x", Model: ancmbench.InProcess}, targets.Place{}}, "no name": {targets.Spec{Model: ancmbench.InProcess}, targets.Place{}}} {
		if _, err := c.Start(t.Context(), try.spec, try.place, nil); !errors.Is(err, fleet.ErrRefused) || started != 0 {
			t.Errorf("%s: %v, %d started", name, err, started)
		}
	}
	if _, err := c.Start(t.Context(), model, targets.Place{}, nil); err == nil || started != 1 || !strings.Contains(err.Error(), "started") {
		t.Errorf("a model: %v, %d started", err, started)
	}
}

// An agent does only what it was started for.
func TestAgentsKeepTheirRole(t *testing.T) {
	c, token, url := listening(t)
	opt := loadAgent(t, url, token)
	opt.Load, opt.Serve = false, true
	join(t, 1, opt)
	if err := c.Await(t.Context(), 0, 1, time.Minute); err != nil {
		t.Fatal(err)
	}
	e := &fleet.Engine{Coordinator: c, Agents: 1, Like: &vegeta.Engine{}}
	var missing *fleet.Missing
	if _, err := e.Run(t.Context(), oneTarget("127.0.0.1:1", time.Second), nil); !errors.As(err, &missing) || missing.Have != 0 {
		t.Errorf("got %v", err)
	}
}

func TestParseAllowed(t *testing.T) {
	for _, bad := range []string{"", ":", "10.0.0.0/33", "10.0.0.1:0", "10.0.0.1:70000", "a b", "*", "http://x/", "x:http"} {
		if _, err := fleet.ParseAllowed([]string{bad}); err == nil {
			t.Errorf("%q is taken for an address", bad)
		}
	}
}
